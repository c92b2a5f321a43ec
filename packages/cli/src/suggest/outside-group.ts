import { counted } from '../output/counted.js'
import { extend, fewFrom, otherCustomers, platformEntry } from './extend.js'
import { countWith, type Group, isAlways, nameOf } from './group.js'
import { CLAIMS, hasEvidence } from './headers.js'
import type { PeerKinds } from './peer-kind.js'
import type { Answers, Entry, Finding } from './proposal.js'

/** Share of the requests from outside that has to come from a platform. */
const MOST = 0.5

/**
 * Peers in the published ranges of a platform. Visitors can have such addresses too, by a VPN or a
 * worker: where most requests come from elsewhere, no peer there is trusted.
 */
export function judgeInfrastructure(
  group: Group,
  others: number,
  { platform: named }: Answers,
  kinds: PeerKinds,
): Finding {
  const { kind, samples } = group
  if (kind.is !== 'infrastructure' || samples.length === 0) return NOTHING
  const { platform } = kind
  const share = samples.length / (samples.length + others)
  const percent = `${Math.round(share * 100)} %`
  const isNamed = named === platform.id
  if (!isNamed && (named !== undefined || share < MOST)) {
    return { ...NOTHING, questions: [fewFrom(platform.name, platform.id, percent)] }
  }
  const header = Object.keys(platform.rules).find((name) => isAlways(samples, name))
  const isSpectrum = platform.id === 'cloudflare' && isAlways(samples, 'proxy-protocol')
  if (header === undefined && !isSpectrum) {
    return { ...NOTHING, questions: [withoutHeader(group, platform.id, named)] }
  }
  const entry: Entry = isSpectrum
    ? { platform: 'cloudflare-spectrum' }
    : platformEntry(platform.id, platform.rules, header ?? '')
  const tried = extend([entry], samples, kinds)
  return {
    entries: tried.entries,
    reasons: [
      `${percent} of the requests from outside come from addresses that ${platform.name} publishes, each with ${isSpectrum ? 'a PROXY header' : header}`,
      ...tried.reasons,
    ],
    questions: [otherCustomers(platform.name, platform.closesDirectAccess), ...tried.questions],
  }
}

const NOTHING: Finding = { entries: [], reasons: [], questions: [] }

function withoutHeader(
  group: Group,
  id: string,
  named: string | undefined,
): Finding['questions'][0] {
  const own = CLAIMS.filter((name) => countWith(group.samples, name) > 0)
  const said = own.length === 0 ? 'none names a client' : `${own.join(', ')} only on some`
  return {
    code: named === id ? 'platform-does-not-fit' : 'not-always',
    text: `${counted(group.samples.length, 'request comes', 'requests come')} from the ranges of ${id}, and ${said}. Does it stand in front?`,
    answer: `See docs/platforms/${id}.md for what it has to be told, and record again`,
    blocks: true,
  }
}

/** Clients, or proxies on public addresses: nothing in a sample can tell them apart. */
export function judgePublic(group: Group, isAlone: boolean): Finding {
  const { samples, peers } = group
  if (samples.length === 0) return NOTHING
  const claiming = samples.filter((e) => CLAIMS.some((name) => hasEvidence(e, name))).length
  const said =
    claiming === 0
      ? ''
      : `; what ${claiming} of them write about a client is their own text, and is not read`
  const reason = `${counted(samples.length, 'request comes', 'requests come')} from ${counted(peers.size, 'public address', 'public addresses')} in no known range, ${peers.size === 1 ? 'its own client' : 'their own clients'}${said}`
  if (!isAlone) {
    return { entries: [], reasons: [reason], questions: [pastTheHop(group)] }
  }
  if (peers.size > 1) return { entries: [], reasons: [reason], questions: [] }
  return {
    entries: [],
    reasons: [],
    questions: [
      {
        code: 'one-public-peer',
        text: `${samples.length === 1 ? 'The one request comes' : `All ${samples.length} requests come`} from ${nameOf(group)}: one visitor, or a proxy of yours? Whoever has a public address is a client as long as you do not say otherwise`,
        answer: `If it is your proxy, write --own ${[...peers][0]}; else record requests of more visitors`,
        blocks: true,
      },
    ],
  }
}

function pastTheHop(group: Group): Finding['questions'][0] {
  return {
    code: 'past-the-hop',
    text: `Should anybody reach the service past the hop? ${counted(group.samples.length, 'request')} from ${nameOf(group)} did`,
    answer: 'If not, let the port accept the hop alone: see docs/platforms',
    blocks: false,
  }
}
