import type { Hop, LiveRanges, OriginalPart, Policy, PolicySnapshot } from '@truehop/identity'
import { CLAIM_HEADERS } from '@truehop/identity/adapter'
import { isRangeName, NAMED_RANGES, parsePrefix } from '@truehop/ip'
import { UsageError } from '../program/usage-error.js'

/** A header that clients must not be able to write. */
export interface ClearedHeader {
  /** Lower case. */
  readonly name: string
  /** Prefixes of the hops further out that write it: theirs is passed on. */
  readonly keepFrom: readonly string[]
  /** Whether the policy believes it of this hop too, so that passing it on believes the client. */
  readonly believed: boolean
}

/** What a policy expects of the hop that connects to the service. */
export interface HopContract {
  /** The rule's name. */
  readonly rule: string
  readonly sends: Hop['kind']
  /** What it asserts: `proxy-protocol`, or a header's name in lower case. */
  readonly asserts: string
  /** Prefixes of further hops from which what such a header says already is kept and extended. */
  readonly trusted: readonly string[]
  /** The policy counts elements: the hop extends the header, whatever peer sent it. */
  readonly counted: boolean
  /** What the hop says of scheme, host and port. */
  readonly original: readonly OriginalPart[]
  readonly clear: readonly ClearedHeader[]
  /** Milliseconds from the accept, within which a PROXY header must be in. */
  readonly timeout: number
  /** Whether a connection, or that of a health checker, may come without a PROXY header. */
  readonly optional: boolean
  readonly plainChecks: boolean
  /** What the operator has to know about the above. */
  readonly notes: readonly string[]
}

/** The default of `proxyProtocol.timeout`, in milliseconds. */
const TIMEOUT = 5000
const PARTS: readonly OriginalPart[] = ['proto', 'host', 'port']

/**
 * What the hop of a rule must do; the first rule is that of the hop next to the service.
 *
 * @throws {UsageError} where no rule has that name.
 */
export function hopContract(policy: Policy, name?: string): HopContract {
  const { current } = policy
  const rule = current.hops.find((hop) => name === undefined || hop.name === name)
  if (rule === undefined) {
    const names = current.hops.map((hop) => hop.name).join(', ')
    throw new UsageError(`the policy has no rule ${name ?? ''}; write --rule with one of: ${names}`)
  }
  const { trusted, notes } = trustedBy(rule, current)
  const { proxyProtocol } = current
  return {
    rule: rule.name,
    sends: rule.kind,
    asserts: rule.asserts,
    trusted,
    counted: rule.depth > 1,
    original: rule.kind === 'proxy-protocol' ? [] : rule.original,
    clear: cleared(rule, current, trusted),
    timeout: proxyProtocol?.timeout ?? TIMEOUT,
    optional: proxyProtocol?.optional === true,
    plainChecks: (proxyProtocol?.healthCheckFrom ?? []).length > 0,
    notes,
  }
}

/** Every hop that may stand further out and extends the same list. */
function trustedBy(
  rule: Hop,
  { hops }: PolicySnapshot,
): { trusted: readonly string[]; notes: readonly string[] } {
  const isList = rule.kind === 'x-forwarded-for' || rule.kind === 'forwarded'
  if (!isList) return { trusted: [], notes: [] }
  const entries = hops.filter(({ slot }) => slot === rule.slot).flatMap((hop) => hop.entries)
  const living = entries.filter((entry) => typeof entry !== 'string').map(({ name }) => name)
  const notes = living.map(
    (name) => `The ranges of ${name} are those of today; generate this again when they change.`,
  )
  if (entries.includes('any')) {
    notes.push('The rule trusts any address; nothing is kept from further hops here.')
  }
  return { trusted: prefixesOf(entries), notes }
}

/** Names become the prefixes that they stand for; `any` and `unix` cannot be said of a next hop. */
function prefixesOf(entries: readonly (string | LiveRanges)[]): readonly string[] {
  const prefixes = entries.flatMap((entry) => {
    if (typeof entry !== 'string') return [...(entry.entries?.() ?? [])]
    if (isRangeName(entry)) return NAMED_RANGES[entry]
    return entry === 'any' || entry === 'unix' ? [] : [entry]
  })
  return [...new Set(prefixes)]
}

function cleared(
  rule: Hop,
  { hops, onConflict }: PolicySnapshot,
  trusted: readonly string[],
): readonly ClearedHeader[] {
  const found = new Map<string, ClearedHeader>()
  for (const hop of hops) {
    const { kind, asserts: name } = hop
    if (kind === 'proxy-protocol' || name === rule.asserts) continue
    const before = found.get(name)
    const keepFrom = [...(before?.keepFrom ?? []), ...prefixesOf(hop.entries)]
    found.set(name, { name, keepFrom, believed: before?.believed === true || shares(hop, rule) })
  }
  const claims =
    onConflict === 'reject' ? CLAIM_HEADERS : (['x-forwarded-for', 'forwarded'] as const)
  for (const name of claims) {
    if (name === rule.asserts || found.has(name)) continue
    found.set(name, { name, keepFrom: [], believed: onConflict === 'reject' })
  }
  for (const name of silentParts(rule)) {
    found.set(name, { name, keepFrom: trusted, believed: false })
  }
  return [...found.values()]
}

/** Whether a rule is about addresses that the hop of another may have. */
function shares(hop: Hop, { entries }: Hop): boolean {
  if (hop.entries.includes('any')) return true
  if (entries.some((entry) => hop.entries.includes(entry))) return true
  return prefixesOf(entries).some((prefix) => hop.from.has(parsePrefix(prefix).address))
}

/** `X-Forwarded-Proto`, `-Host` and `-Port` where the hop says nothing in them. */
function silentParts({ kind, original }: Hop): string[] {
  const says = (part: OriginalPart) =>
    (kind === 'x-forwarded-for' || kind === 'single') && original.includes(part)
  return PARTS.filter((part) => !says(part)).map((part) => `x-forwarded-${part}`)
}
