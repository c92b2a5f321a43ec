import { PeerSet, parsePrefix } from '@truehop/ip'
import type { Correction } from '@truehop/options'
import { SNAPSHOT_LIFETIME, snapshotIn } from '../ranges/providers.js'
import { isLiveRanges } from './peers.js'
import type { Policy } from './policy.js'
import {
  coversAll,
  dayOf,
  isBelieved,
  isWidePublic,
  overlap,
  type RuleRanges,
  rangesOf,
  wholeInternet,
} from './rule-ranges.js'
import type { Hop, PolicySnapshot } from './snapshot.js'

/** Codes of findings. A retired code is never used again. */
export const LINT_CODES = [
  'trusts-everyone',
  'trusts-public-space',
  'depth-direct-hit',
  'empty-from',
  'shadowed-rule',
  'overlapping-rules',
  'header-without-proxy',
  'not-required',
  'shared-cdn-header',
  'stale-ranges',
  'whole-provider',
  'old-snapshot',
  'ipv4-only',
  'host-bits',
] as const

export type LintCode = (typeof LINT_CODES)[number]

/** Something about a valid policy that its author should know. */
export interface LintFinding {
  readonly code: LintCode
  /** `error`: anybody can forge an identity. `warning`: somebody may. `info`: worth a look. */
  readonly severity: 'error' | 'warning' | 'info'
  /** Where in the policy: `hops[1].from`. Rules of the shorthand form are `hops[0]` too. */
  readonly path: string
  readonly message: string
  /** Where only one thing can be meant: the value as written, and as it is read. */
  readonly correction?: Correction | undefined
}

/** Headers that CDNs set for all of their customers, from shared addresses. */
const CDN_HEADERS = new Set([
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'true-client-ip',
  'fastly-client-ip',
  'x-azure-clientip',
])

type Check = (
  rule: RuleRanges,
  index: number,
  all: readonly RuleRanges[],
) => Finding | Finding[] | undefined
type Finding = Omit<LintFinding, 'path'> & { readonly key?: string }

/**
 * Looks for trust that a valid policy gives but its author may not have meant. Pure: reads the
 * policy's current version, and the state of its live ranges; `now` is milliseconds since 1970. No
 * finding does not make a policy safe.
 */
export function lint(policy: Policy, now: number = Date.now()): LintFinding[] {
  const { current } = policy
  const rules = current.hops.map(rangesOf)
  const checks: Check[] = [
    trustsEveryone,
    trustsEveryoneTogether,
    trustsPublicSpace,
    emptyFrom,
    shadowed,
    overlapping,
    (rule) => headerWithoutProxy(rule, current),
    notRequired,
    sharedCdnHeader,
    staleRanges,
    wholeProvider,
    (rule) => oldSnapshot(rule, now),
    ipv4Only,
    hostBits,
  ]
  return rules.flatMap((rule, index) =>
    checks
      .flatMap((check) => check(rule, index, rules) ?? [])
      .map(({ key = 'from', ...rest }) => ({ ...rest, path: `hops[${index}].${key}` })),
  )
}

function trustsEveryone(rule: RuleRanges): Finding | undefined {
  const everyone = everyoneIn(rule)
  if (everyone === undefined) return undefined
  const { hop } = rule
  if (hop.depth > 0) return depthFinding(hop)
  return {
    code: 'trusts-everyone',
    severity: 'error',
    message: `${everyone} may assert ${hop.asserts}, so every client can claim any address; name the addresses of your proxies`,
  }
}

/** Half of the Internet in one rule and half in another: at the rule that completes it. */
function trustsEveryoneTogether(
  rule: RuleRanges,
  index: number,
  rules: readonly RuleRanges[],
): Finding | undefined {
  const others = rules.slice(0, index).filter(isBelieved)
  if (!isBelieved(rule) || [...others, rule].some((each) => everyoneIn(each))) return undefined
  const family = wholeInternet([...others, rule])
  if (family === undefined || wholeInternet(others) === family) return undefined
  return {
    code: 'trusts-everyone',
    severity: 'error',
    message: `together with the rules before it, this lets every IPv${family} peer on the Internet assert a header, so every client can claim any address; name the addresses of your proxies`,
  }
}

function everyoneIn(rule: RuleRanges): string | undefined {
  const { isAny, prefixes } = rule.ranges
  if (isAny || prefixes.some(({ length }) => length === 0)) return 'every peer'
  const family = wholeInternet([rule])
  return family === undefined ? undefined : `every IPv${family} peer on the Internet`
}

function trustsPublicSpace(rule: RuleRanges): Finding | undefined {
  const { hop, ranges } = rule
  const wide = ranges.prefixes.find(isWidePublic)
  if (wide === undefined || everyoneIn(rule) !== undefined) return undefined
  if (hop.depth > 0) return depthFinding(hop)
  return {
    code: 'trusts-public-space',
    severity: 'warning',
    message: `${wide.text} is far more of the Internet than anybody's proxies have, and anyone with an address there can claim any address; name the addresses of your proxies`,
  }
}

function depthFinding({ depth, asserts }: Hop): Finding {
  return {
    code: 'depth-direct-hit',
    severity: 'warning',
    key: 'depth',
    message: `anyone who bypasses the proxies writes all ${depth} counted elements of ${asserts}; name the proxies in from, or make sure that nothing else can connect`,
  }
}

/** Machines of a cloud's customers have addresses of the cloud. */
function wholeProvider({ hop }: RuleRanges): Finding | undefined {
  const live = hop.entries.filter(isLiveRanges)
  const [whole] = live.flatMap(({ name, selectable: [field] = [] }) =>
    field ? { name, field } : [],
  )
  if (whole === undefined) return undefined
  return {
    code: 'whole-provider',
    severity: 'warning',
    message: `${whole.name} is the whole list of the provider, with the machines of its other customers, any of which can claim any address; select those of your proxies: select: { ${whole.field}: ['…'] }`,
  }
}

function emptyFrom({ hop, ranges }: RuleRanges): Finding | undefined {
  if (ranges.size > 0 || hop.entries.some(isLiveRanges)) return undefined
  return {
    code: 'empty-from',
    severity: 'warning',
    message: 'no node can have an address of this rule: no walk reaches it',
  }
}

function shadowed(
  rule: RuleRanges,
  index: number,
  all: readonly RuleRanges[],
): Finding | undefined {
  const by = all
    .slice(0, index)
    .find((other) => other.hop.slot === rule.hop.slot && coversAll(other, rule))
  if (by === undefined) return undefined
  return {
    code: 'shadowed-rule',
    severity: 'warning',
    message: `rule ${by.hop.name} reads the same evidence from all of these addresses first: no walk reaches this rule`,
  }
}

function overlapping(
  rule: RuleRanges,
  index: number,
  all: readonly RuleRanges[],
): Finding | undefined {
  const before = all.slice(0, index).find((other) => {
    return other.hop.slot !== rule.hop.slot && overlap(other, rule)
  })
  if (before === undefined) return undefined
  return {
    code: 'overlapping-rules',
    severity: 'info',
    message: `if rule ${before.hop.name} finds no ${before.hop.asserts}, the same hop's ${rule.hop.asserts} counts, and anyone who can suppress the first chooses the second; keep one, or write required: true on the first`,
  }
}

function headerWithoutProxy(
  { hop, ranges }: RuleRanges,
  { proxyProtocol, hops }: PolicySnapshot,
): Finding | undefined {
  if (hop.kind === 'proxy-protocol' || proxyProtocol?.optional !== true) return undefined
  const senders = hops.filter((other) => other.kind === 'proxy-protocol').map(rangesOf)
  if (!senders.some((sender) => overlap(sender, { hop, ranges }))) return undefined
  return {
    code: 'header-without-proxy',
    severity: 'warning',
    message: `these addresses may leave the PROXY header out (proxyProtocol.optional), and then ${hop.asserts} counts instead: anyone who connects through them without a PROXY header can forge it`,
  }
}

function notRequired({ hop }: RuleRanges): Finding | undefined {
  if (hop.required) return undefined
  return {
    code: 'not-required',
    severity: 'info',
    key: 'required',
    message: `if the hop sends no ${hop.asserts}, its own address counts as the client, shared by all such clients; write required: true unless the hop speaks for itself, as health checks do`,
  }
}

function sharedCdnHeader({ hop, ranges }: RuleRanges): Finding | undefined {
  const isPublic = ranges.prefixes.some(({ isPrivate }) => !isPrivate)
  if (!CDN_HEADERS.has(hop.asserts) || !(isPublic || hop.entries.some(isLiveRanges))) {
    return undefined
  }
  return {
    code: 'shared-cdn-header',
    severity: 'info',
    key: 'asserts',
    message: `other customers of the CDN connect from the same addresses, and can be made to send any ${hop.asserts}; allow only your own zone, by client certificates or a secret header that the edge adds`,
  }
}

function staleRanges({ hop }: RuleRanges): Finding | undefined {
  const stale = hop.entries.filter(isLiveRanges).find((ranges) => ranges.status().stale)
  if (stale === undefined) return undefined
  const { size, updatedAt } = stale.status()
  const state = size === 0 ? 'have not arrived yet' : `are from ${dayOf(updatedAt)}`
  return {
    code: 'stale-ranges',
    severity: 'warning',
    message: `the ranges of ${stale.name} ${state}; refresh them, or new proxies count as clients`,
  }
}

function oldSnapshot({ hop }: RuleRanges, now: number): Finding | undefined {
  const found = snapshotIn(fixedEntries(hop))
  if (found === undefined) return undefined
  const [name, { date, source }] = found
  if (now - Date.parse(date) < SNAPSHOT_LIFETIME * 86_400_000) return undefined
  return {
    code: 'old-snapshot',
    severity: 'warning',
    message: `the ranges of ${name} are a copy of ${date}; compare them with ${source}, or follow that URL with rangesFrom`,
  }
}

function ipv4Only({ hop, ranges }: RuleRanges): Finding | undefined {
  const found = snapshotIn(fixedEntries(hop))
  if (found === undefined || ranges.prefixes.some(({ family }) => family === 6)) return undefined
  return {
    code: 'ipv4-only',
    severity: 'warning',
    message: `${found[0]} connects over IPv6 too, and its IPv6 addresses are not in the rule, so that those clients all count as ${found[0]}; add them`,
  }
}

function fixedEntries({ entries }: Hop): string[] {
  return entries.filter((entry) => typeof entry === 'string')
}

function hostBits({ hop }: RuleRanges): Finding[] {
  return hop.entries.flatMap((entry, at) => {
    const [warning] = typeof entry === 'string' ? PeerSet.from([entry]).warnings : []
    if (typeof entry !== 'string' || warning === undefined) return []
    const correction = { written: entry, instead: parsePrefix(entry).text }
    return [
      {
        code: 'host-bits',
        severity: 'warning',
        key: `from[${at}]`,
        message: warning,
        correction,
      } as const,
    ]
  })
}
