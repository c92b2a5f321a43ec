import { expandPlatforms, type PlacedRule } from '../platforms/expand.js'
import { checkKeys, isRecord, isWholeNumber, show } from './checks.js'
import { compileFrom, warningsOf } from './compile-from.js'
import { compileProxyProtocol } from './compile-proxy-protocol.js'
import { PolicyError } from './error.js'
import type { OriginalPart } from './options.js'
import type { AssertionKind, Hop, PolicySnapshot } from './snapshot.js'

const COMMON_KEYS = ['maxHops', 'onConflict', 'proxyProtocol']
const HOPS_KEYS = ['hops', ...COMMON_KEYS]
const PLATFORM_KEYS = ['platform', 'from', 'header', 'name', ...COMMON_KEYS]
const TRUST_KEYS = ['trust', 'header', 'depth', 'required', 'original', ...COMMON_KEYS]
/** Every option of either form. */
export const POLICY_KEYS: readonly string[] = [
  ...new Set([...HOPS_KEYS, ...TRUST_KEYS, ...PLATFORM_KEYS]),
]
const RULE_KEYS = ['name', 'from', 'asserts', 'depth', 'required', 'original']
export const ORIGINAL_PARTS = ['proto', 'host', 'port']

const DEFAULT_MAX_HOPS = 64
export const MAX_NAME_LENGTH = 64

/** `token`, RFC 9110 section 5.6.2: what a header may be named. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/**
 * Headers that carry no client address and of which Node drops repeated lines, so that a second
 * line could not be noticed.
 */
const UNUSABLE_HEADERS = new Set(
  [
    'age authorization content-length content-type etag expires from host if-modified-since',
    'if-unmodified-since last-modified location max-forwards proxy-authorization referer',
    'retry-after server user-agent cookie set-cookie connection transfer-encoding upgrade',
    '__proto__ constructor',
  ].flatMap((line) => line.split(' ')),
)

/** Evidence that is no header of one address. */
const EVIDENCE = ['proxy-protocol', 'x-forwarded-for', 'forwarded'] as const

interface Paths {
  readonly from: string
  readonly asserts: string
  readonly depth: string
  readonly required: string
  readonly original: string
  readonly name: string
}

/** Turns what the user wrote into a snapshot, or throws a `PolicyError`. */
export function compilePolicy(options: unknown): PolicySnapshot {
  if (!isRecord(options)) {
    throw new PolicyError(
      'bad-policy',
      '',
      `must be an object, not ${show(options)}; write { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' } or { hops: [...] }`,
    )
  }
  const slots = new Slots()
  const hops = compileForm(options, slots)
  rejectSharedNames(hops)
  return Object.freeze({
    hops: Object.freeze(hops),
    maxHops: compileMaxHops(options['maxHops']),
    onConflict: compileOnConflict(options['onConflict']),
    asserted: Object.freeze(slots.asserted),
    hasLiveRanges: hops.some(({ entries }) => entries.some((entry) => typeof entry !== 'string')),
    proxyProtocol: compileProxyProtocol(options['proxyProtocol'], hops),
    warnings: Object.freeze(hops.flatMap(warningsOf)),
  })
}

/** Numbers the kinds of evidence: rules on the same header share one cursor. */
class Slots {
  readonly asserted: string[] = []

  of(asserts: string): number {
    const known = this.asserted.indexOf(asserts)
    return known === -1 ? this.asserted.push(asserts) - 1 : known
  }
}

/** The three forms of a policy: rules, one platform, one rule in short. */
function compileForm(options: Record<string, unknown>, slots: Slots): Hop[] {
  if ('hops' in options) return compileHops(options, slots)
  if ('platform' in options) return compilePlatform(options, slots)
  return [compileShorthand(options, slots)]
}

function compilePlatform(options: Record<string, unknown>, slots: Slots): Hop[] {
  checkKeys(options, PLATFORM_KEYS, '')
  const entry = Object.fromEntries(
    Object.entries(options).filter(([key]) => !COMMON_KEYS.includes(key)),
  )
  return compileRules([{ rule: entry, path: '' }], slots)
}

function compileRules(entries: readonly PlacedRule[], slots: Slots): Hop[] {
  return expandPlatforms(entries).map((placed, index) => compileRule(placed, index, slots))
}

function compileHops(options: Record<string, unknown>, slots: Slots): Hop[] {
  checkKeys(options, HOPS_KEYS, '')
  const rules = options['hops']
  if (!Array.isArray(rules)) {
    throw new PolicyError(
      'bad-hops',
      'hops',
      `must be a list of rules, not ${show(rules)}; write [{ from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }]`,
    )
  }
  // `Array.from` and not `map`, which passes over holes: `[, rule]`.
  const entries = Array.from(rules, (rule: unknown, index) => ({ rule, path: `hops[${index}]` }))
  return compileRules(entries, slots)
}

function compileRule({ rule, path }: PlacedRule, index: number, slots: Slots): Hop {
  if (!isRecord(rule)) {
    throw new PolicyError(
      'bad-hops',
      path,
      `must be a rule, not ${show(rule)}; write { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }`,
    )
  }
  checkKeys(rule, RULE_KEYS, path)
  const at = (key: string) => (path === '' ? key : `${path}.${key}`)
  return compileHop(rule, rule['from'], rule['asserts'], index, slots, {
    name: at('name'),
    from: at('from'),
    asserts: at('asserts'),
    depth: at('depth'),
    required: at('required'),
    original: at('original'),
  })
}

function compileShorthand(options: Record<string, unknown>, slots: Slots): Hop {
  checkKeys(options, TRUST_KEYS, '')
  if (options['trust'] === undefined && options['header'] === undefined) {
    throw new PolicyError(
      'missing-hops',
      '',
      "says nothing; write { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' } or { hops: [...] }, and { hops: [] } to trust nobody",
    )
  }
  return compileHop(options, options['trust'], options['header'], 0, slots, {
    name: '',
    from: 'trust',
    asserts: 'header',
    depth: 'depth',
    required: 'required',
    original: 'original',
  })
}

function compileHop(
  rule: Record<string, unknown>,
  from: unknown,
  asserts: unknown,
  index: number,
  slots: Slots,
  path: Paths,
): Hop {
  const evidence = compileAsserts(asserts, path.asserts)
  const kind = kindOf(evidence)
  return Object.freeze({
    name: compileName(rule['name'], index, path.name),
    ...compileFrom(from, path.from),
    asserts: evidence,
    kind,
    slot: slots.of(evidence),
    depth: compileDepth(rule['depth'], kind, path.depth),
    required: compileRequired(rule['required'], path.required),
    original: compileOriginal(rule['original'], path.original),
  })
}

function compileName(name: unknown, index: number, path: string): string {
  if (name === undefined) return `hop-${index + 1}`
  if (typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH) return name
  throw new PolicyError('bad-name', path, `must be text of 1 to ${MAX_NAME_LENGTH} characters`)
}

function rejectSharedNames(hops: readonly Hop[]): void {
  hops.forEach((hop, index) => {
    if (hops.findIndex((other) => other.name === hop.name) === index) return
    throw new PolicyError(
      'bad-name',
      `hops[${index}].name`,
      `'${hop.name}' names another rule too; logs and explanations could not tell them apart`,
    )
  })
}

function compileAsserts(asserts: unknown, path: string): string {
  if (typeof asserts !== 'string') {
    throw new PolicyError(
      'bad-asserts',
      path,
      `must be 'proxy-protocol', 'x-forwarded-for', 'forwarded' or another header's name, not ${show(asserts)}`,
    )
  }
  const name = asserts.toLowerCase()
  if (!HEADER_NAME.test(name)) {
    throw new PolicyError('bad-header', path, `${show(asserts)} is no header name (RFC 9110)`)
  }
  const meant = EVIDENCE.find((known) => known !== name && bare(known) === bare(name))
  if (meant !== undefined) {
    throw new PolicyError(
      'bad-header',
      path,
      `${show(asserts)} would be a header of its own, with one address; write '${meant}'`,
    )
  }
  if (UNUSABLE_HEADERS.has(name)) {
    throw new PolicyError(
      'bad-header',
      path,
      `'${name}' carries no client address; write 'x-forwarded-for', 'forwarded', 'x-real-ip' or the header that the hop sets`,
    )
  }
  return name
}

/** Without what tells `proxy_protocol`, as nginx has it, from the name of the evidence. */
function bare(name: string): string {
  return name.replace(/[-_]/g, '')
}

function kindOf(asserts: string): AssertionKind {
  if (asserts === 'nothing') return 'nothing'
  return EVIDENCE.find((known) => known === asserts) ?? 'single'
}

function compileDepth(depth: unknown, kind: AssertionKind, path: string): number {
  if (depth === undefined) return 0
  if (!isWholeNumber(depth) || depth < 1) {
    throw new PolicyError(
      'bad-count',
      path,
      `must be a whole number from 1, not ${show(depth)}; it counts the elements that your own proxies append, and trusts their addresses unseen`,
    )
  }
  if (kind !== 'x-forwarded-for' && kind !== 'forwarded') {
    throw new PolicyError(
      'bad-count',
      path,
      "counts the elements of a list; use it with 'x-forwarded-for' or 'forwarded' only",
    )
  }
  return depth
}

function compileRequired(required: unknown, path: string): boolean {
  if (required === undefined) return false
  if (typeof required === 'boolean') return required
  throw new PolicyError('bad-required', path, `must be true or false, not ${show(required)}`)
}

function compileOriginal(parts: unknown, path: string): readonly OriginalPart[] {
  if (parts === undefined) return ORIGINAL_PARTS as OriginalPart[]
  if (Array.isArray(parts) && [...parts].every((part) => ORIGINAL_PARTS.includes(part))) {
    return Object.freeze([...parts])
  }
  throw new PolicyError(
    'bad-original',
    path,
    `must be a list of ${ORIGINAL_PARTS.map(show).join(', ')}, not ${show(parts)}; write [] for none`,
  )
}

function compileMaxHops(maxHops: unknown): number {
  if (maxHops === undefined) return DEFAULT_MAX_HOPS
  if (isWholeNumber(maxHops) && maxHops >= 1 && maxHops <= 65_536) return maxHops
  throw new PolicyError(
    'bad-max-hops',
    'maxHops',
    `must be a whole number from 1 to 65536, not ${show(maxHops)}; leave it out for ${DEFAULT_MAX_HOPS}`,
  )
}

function compileOnConflict(onConflict: unknown): 'ignore' | 'reject' {
  if (onConflict === undefined) return 'ignore'
  if (onConflict === 'ignore' || onConflict === 'reject') return onConflict
  throw new PolicyError(
    'bad-on-conflict',
    'onConflict',
    `must be 'ignore' or 'reject', not ${show(onConflict)}`,
  )
}
