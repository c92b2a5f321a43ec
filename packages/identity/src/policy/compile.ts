import type { SingleAddressForm } from '@truehop/forwarded'
import { expandPlatforms, type PlacedRule } from '../platforms/expand.js'
import { checkKeys, isRecord, isWholeNumber, show } from './checks.js'
import { checkCustom, compileAsserts, compileForm, kindOf } from './compile-asserts.js'
import { compileFrom, warningsOf } from './compile-from.js'
import { compileProxyProtocol } from './compile-proxy-protocol.js'
import { PolicyError } from './error.js'
import type { OriginalPart } from './options.js'
import type { AssertionKind, Hop, PolicySnapshot } from './snapshot.js'
import { compileUnmap } from './unmap.js'

const COMMON_KEYS = ['maxHops', 'onConflict', 'unmap', 'proxyProtocol']
const DETAIL_KEYS = ['custom', 'form', 'depth', 'required', 'original']
const HOPS_KEYS = ['hops', ...COMMON_KEYS]
const PLATFORM_KEYS = ['platform', 'from', 'header', 'name', ...COMMON_KEYS]
const TRUST_KEYS = ['trust', 'header', ...DETAIL_KEYS, ...COMMON_KEYS]
/** Every option of any form. */
export const POLICY_KEYS: readonly string[] = [
  ...new Set([...HOPS_KEYS, ...TRUST_KEYS, ...PLATFORM_KEYS]),
]
const RULE_KEYS = ['name', 'from', 'asserts', ...DETAIL_KEYS]
export const ORIGINAL_PARTS = ['proto', 'host', 'port']

const DEFAULT_MAX_HOPS = 64
export const MAX_NAME_LENGTH = 64

/** A rule as somebody wrote it, and where its options stand. */
interface WrittenRule {
  readonly name?: unknown
  readonly from: unknown
  readonly asserts: unknown
  readonly details: Record<string, unknown>
  readonly path: (option: string) => string
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
  const hops = writtenRules(options).map((rule, index) => compileHop(rule, index, slots))
  rejectSharedNames(hops)
  const unmap = compileUnmap(options['unmap'])
  return Object.freeze({
    hops: Object.freeze(hops),
    maxHops: compileMaxHops(options['maxHops']),
    unmap,
    onConflict: compileOnConflict(options['onConflict']),
    asserted: Object.freeze(slots.asserted),
    hasLiveRanges: hops.some(({ entries }) => entries.some((entry) => typeof entry !== 'string')),
    vouchesForEvents: hops.some(({ entries }) => entries.includes('event')),
    proxyProtocol: compileProxyProtocol(options['proxyProtocol'], hops, unmap),
    warnings: Object.freeze(hops.flatMap(warningsOf)),
  })
}

/** Numbers the kinds of evidence: rules on the same header share one cursor. */
class Slots {
  readonly asserted: string[] = []
  readonly #forms: SingleAddressForm[] = []

  /** @throws {PolicyError} where another rule reads the same header in another form. */
  of(asserts: string, form: SingleAddressForm, path: string): number {
    const known = this.asserted.indexOf(asserts)
    if (known === -1) {
      this.#forms.push(form)
      return this.asserted.push(asserts) - 1
    }
    if (this.#forms[known] === form) return known
    throw new PolicyError(
      'bad-form',
      path,
      `must be the same in all rules on ${asserts}; another one says '${this.#forms[known]}'`,
    )
  }
}

/** The three forms of a policy: rules, one platform, one rule in short. */
function writtenRules(options: Record<string, unknown>): WrittenRule[] {
  if ('hops' in options) return listedRules(options)
  if ('platform' in options) return platformRules(options)
  return [shorthandRule(options)]
}

function platformRules(options: Record<string, unknown>): WrittenRule[] {
  checkKeys(options, PLATFORM_KEYS, '')
  const own = Object.entries(options).filter(([key]) => !COMMON_KEYS.includes(key))
  return expanded([{ rule: Object.fromEntries(own), path: '' }])
}

function expanded(entries: readonly PlacedRule[]): WrittenRule[] {
  return expandPlatforms(entries).map(({ rule, path }) => listedRule(rule, path))
}

function listedRules(options: Record<string, unknown>): WrittenRule[] {
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
  return expanded(Array.from(rules, (rule: unknown, n) => ({ rule, path: `hops[${n}]` })))
}

function listedRule(rule: unknown, path: string): WrittenRule {
  if (!isRecord(rule)) {
    throw new PolicyError(
      'bad-hops',
      path,
      `must be a rule, not ${show(rule)}; write { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }`,
    )
  }
  checkKeys(rule, RULE_KEYS, path)
  const { name, from, asserts, ...details } = rule
  return {
    name,
    from,
    asserts,
    details,
    path: (option) => (path === '' ? option : `${path}.${option}`),
  }
}

/** `trust` and `header` are the `from` and `asserts` of one rule. */
function shorthandRule(options: Record<string, unknown>): WrittenRule {
  checkKeys(options, TRUST_KEYS, '')
  const { trust, header, ...details } = options
  if (trust === undefined && header === undefined) {
    throw new PolicyError(
      'missing-hops',
      '',
      "says nothing; write { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' } or { hops: [...] }, and { hops: [] } to trust nobody",
    )
  }
  const path = (option: string) => SHORTHAND[option] ?? option
  return { from: trust, asserts: header, details, path }
}

const SHORTHAND: Readonly<Record<string, string>> = { from: 'trust', asserts: 'header' }

function compileHop(rule: WrittenRule, index: number, slots: Slots): Hop {
  const { details, path } = rule
  const name = compileName(rule.name, index, path('name'))
  // First: `trust: 1` is a hop count of other frameworks, and not a mistake in the header.
  const from = compileFrom(rule.from, path('from'))
  checkCustom(details['custom'], path('custom'))
  const asserts = compileAsserts(rule.asserts, details['custom'], path('asserts'))
  const kind = kindOf(asserts)
  const form = compileForm(details['form'], asserts, path('form'))
  return Object.freeze({
    name,
    ...from,
    asserts,
    kind,
    form,
    slot: slots.of(asserts, form, path('form')),
    depth: compileDepth(details['depth'], kind, path('depth')),
    required: compileRequired(details['required'], path('required')),
    original: compileOriginal(details['original'], kind, path('original')),
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

/**
 * Most HTTP proxies write the scheme, and hand a client's own `X-Forwarded-Host` on. What sends
 * PROXY headers mostly forwards bytes: the headers behind it are all the client's.
 */
const BY_DEFAULT: readonly OriginalPart[] = Object.freeze(['proto'])
const NOTHING: readonly OriginalPart[] = Object.freeze([])

function compileOriginal(
  parts: unknown,
  kind: AssertionKind,
  path: string,
): readonly OriginalPart[] {
  if (parts === undefined) return kind === 'proxy-protocol' ? NOTHING : BY_DEFAULT
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
