import { type Evidence, platforms } from '@truehop/identity'
import { allOf, counted } from '../output/counted.js'
import { cover } from './cover.js'
import { customRules } from './custom-header.js'
import { platformEntry } from './extend.js'
import { countWith, type Group, isAlways, nameOf } from './group.js'
import { SINGLES } from './headers.js'
import { couldBe, ownHeaderOf, platformOfGroup } from './known-platform.js'
import { areAllIn } from './peer-kind.js'
import type { Answers, Entry } from './proposal.js'

/** Rules that may explain a group, and why. */
export interface Candidate {
  readonly entries: readonly Entry[]
  readonly header: string
  readonly reason: string
  /** The person named the platform: a single client is then no reason to doubt. */
  readonly isNamed?: boolean
}

/** What may explain the group, what is surest first. */
export function candidatesOf(group: Group, { platform }: Answers): Candidate[] {
  const { peers, samples, kind } = group
  const from = cover(peers, kind.id)
  if (platform !== undefined) return namedCandidates(platform, group, from)
  const plain = (header: string): Candidate => plainCandidate(group, header, from)
  if (isAlways(samples, 'proxy-protocol')) return [plain('proxy-protocol')]
  const own = ownHeaderOf(peers, samples)
  const list = ['x-forwarded-for', 'forwarded'].find((name) => isAlways(samples, name))
  const ownCandidate = own === undefined ? [] : [ownHeader(own, samples)]
  if (list !== undefined) {
    // A proxy on the same machine behind Cloudflare looks like a tunnel; its list shows the
    // difference.
    const first = own?.platform.id === 'cloudflare-tunnel' ? [] : ownCandidate
    // And no other header: what names many where the list names one may be that one's forgery.
    return [...first, plain(list), ...behindBalancer(group, list)]
  }
  const singles = SINGLES.filter((name) => isAlways(samples, name))
  return [
    ...ownCandidate,
    ...singles.map(plain),
    ...customRules(samples, from, 'proxy').map((entry) => customCandidate(entry, group)),
  ]
}

/** What the person says stands in front, with each of its headers that is there at all. */
function namedCandidates(id: string, group: Group, from: readonly string[]): Candidate[] {
  const platform = platforms.find((one) => one.id === id)
  if (platform === undefined) return []
  const { peers, rules } = platform
  const place = peers.length > 0 && areAllIn(peers, group.peers) ? {} : { from }
  return Object.keys(rules)
    .filter((header) => countWith(group.samples, header) > 0)
    .map((header) => ({
      entries: [{ ...platformEntry(id, rules, header), ...place }],
      header,
      reason: `you say that ${platform.name} stands in front; ${header} is on ${countWith(group.samples, header)} of ${counted(group.samples.length, 'request')} from ${nameOf(group)}`,
      isNamed: true,
    }))
}

function ownHeader(
  { platform, header }: NonNullable<ReturnType<typeof ownHeaderOf>>,
  samples: readonly Evidence[],
): Candidate {
  return {
    entries: [{ platform: platform.id }],
    header,
    reason: `the peers have addresses of ${platform.name}, and ${header} is on ${allOf(samples.length, 'request')}; ${platform.name} overwrites it`,
  }
}

function plainCandidate(group: Group, header: string, from: readonly string[]): Candidate {
  const { peers, samples } = group
  const platform = platformOfGroup(peers, samples, header)
  const every = `${header} is on ${allOf(samples.length, 'request')} from ${nameOf(group)}`
  if (platform === undefined) {
    const names = couldBe(header)
    return {
      entries: [{ name: 'proxy', from, asserts: header }],
      header,
      reason: `${every}${names === '' ? '' : `; the rule is the same for ${names}`}`,
    }
  }
  const needsFrom = platform.parameters.some(({ name, required }) => name === 'from' && required)
  return {
    entries: [needsFrom ? { platform: platform.id, from } : { platform: platform.id }],
    header,
    reason: `${every}, and peers and headers are those of ${platform.name}`,
  }
}

/** Cloud Run adds nothing behind Google's balancer, whose own address is then the last entry. */
function behindBalancer({ peers, samples }: Group, header: string): Candidate[] {
  const platform = platformOfGroup(peers, samples, header)
  if (platform?.id !== 'gcp-cloud-run') return []
  return [
    {
      entries: [{ platform: 'gcp-cloud-run' }, { platform: 'gcp-load-balancer' }],
      header,
      reason: `the last entry of ${header} is one address for ${allOf(samples.length, 'request')}, and the one before it differs: a Google load balancer in front of Cloud Run writes both`,
    },
  ]
}

function customCandidate(entry: Entry, group: Group): Candidate {
  const header = 'asserts' in entry ? entry.asserts : ''
  return {
    entries: [entry],
    header,
    reason: `${header} is one address on ${allOf(group.samples.length, 'request')} from ${nameOf(group)}, and no header that proxies are known to write is; custom: true says that you mean it`,
  }
}
