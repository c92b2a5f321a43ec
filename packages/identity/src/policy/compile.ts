import type { SingleAddressForm } from '@truehop/forwarded'
import {
  isRecord,
  memberOf,
  Problems,
  type Report,
  readFields,
  reportUnknown,
  type Values,
} from '@truehop/options'
import { expandPlatforms, type NamedPlatform } from '../platforms/expand.js'
import { checkKnown, depthOf, formOf, kindOf } from './compile-asserts.js'
import { warningsOf } from './compile-from.js'
import { checkSender, compileProxyProtocol } from './compile-proxy-protocol.js'
import { policyError } from './error.js'
import type { OriginalPart, ProxyProtocolSettings } from './options.js'
import { peersOf } from './peers.js'
import {
  type COMMON_FIELDS,
  HOPS_FIELDS,
  ONE_PLATFORM_FIELDS,
  ONE_RULE_FIELDS,
  PLATFORM_FIELDS,
  POLICY_KEYS,
} from './policy-fields.js'
import { RULE_FIELDS } from './rule-fields.js'
import type { AssertionKind, Hop, PolicySnapshot } from './snapshot.js'
import { compileUnmap, type Unmap } from './unmap.js'
import type { WrittenRule } from './written-rule.js'

/** A policy as read, before it is compiled. */
interface WrittenPolicy extends Values<typeof COMMON_FIELDS> {
  readonly rules: readonly WrittenRule[]
}

/** Turns what the user wrote into a snapshot, or throws a `PolicyError` with all that is wrong. */
export function compilePolicy(options: unknown): PolicySnapshot {
  const problems = new Problems()
  const snapshot = readPolicy(options, problems)
  if (snapshot === undefined) throw policyError(problems.all)
  return snapshot
}

/** The snapshot of what the user wrote; undefined if `problems` say why there is none. */
export function readPolicy(options: unknown, problems: Problems): PolicySnapshot | undefined {
  const written = writtenPolicy(options, problems)
  if (written === undefined) return undefined
  const slots = new Slots()
  const unmap = compileUnmap(written.unmap)
  const hops = written.rules.flatMap((rule, n) => hopOf(rule, n, unmap, slots, problems) ?? [])
  reportSharedNames(hops, written.rules, problems)
  if (problems.all.length > 0) return undefined
  return Object.freeze({
    hops: Object.freeze(hops),
    maxHops: written.maxHops,
    unmap,
    onConflict: written.onConflict,
    asserted: Object.freeze(slots.asserted),
    hasLiveRanges: hops.some(({ entries }) => entries.some((entry) => typeof entry !== 'string')),
    vouchesForEvents: hops.some(({ entries }) => entries.includes('event')),
    proxyProtocol: compileProxyProtocol(settingsOf(options), hops, unmap),
    warnings: Object.freeze(hops.flatMap(warningsOf)),
  })
}

/** As written and read: the receiver fills in the defaults of what is left out. */
function settingsOf(options: unknown): ProxyProtocolSettings | undefined {
  return (options as { readonly proxyProtocol?: ProxyProtocolSettings }).proxyProtocol
}

/** The three forms of a policy: rules, one platform, one rule in short. */
function writtenPolicy(options: unknown, problems: Problems): WrittenPolicy | undefined {
  const { report } = problems
  const given = isRecord(options) ? options : {}
  if (given['hops'] !== undefined) {
    const { hops, ...common } = readFields(HOPS_FIELDS, given, '', report, POLICY)
    const entries = hops.flatMap((rule, n) => readRule(rule, `hops[${n}]`, report) ?? [])
    return { ...common, rules: expandPlatforms(entries, report) }
  }
  if (given['platform'] !== undefined) {
    const values = readFields(ONE_PLATFORM_FIELDS, given, '', report, POLICY)
    return { ...values, rules: expandPlatforms([{ ...values, path: '' }], report) }
  }
  if (given['trust'] !== undefined || given['header'] !== undefined) {
    const values = readFields(ONE_RULE_FIELDS, given, '', report, POLICY)
    const rule = { ...values, name: undefined, from: values.trust, asserts: values.header }
    return { ...values, rules: [{ rule, at: (option) => SHORT_NAMES[option] ?? option }] }
  }
  reportNothing(options, report)
  return undefined
}

const POLICY = { says: '' } as const
const SHORT_NAMES: Readonly<Record<string, string>> = { from: 'trust', asserts: 'header' }
const EXAMPLES = "{ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' } or { hops: [...] }"

/** Without any of the options that make a policy. */
function reportNothing(options: unknown, report: Report): void {
  if (!isRecord(options)) {
    readFields({}, options, '', report, {
      ...POLICY,
      code: 'bad-policy',
      hint: `write ${EXAMPLES}`,
    })
    return
  }
  reportUnknown(options, POLICY_KEYS, '', report)
  if (Object.keys(options).some((key) => !POLICY_KEYS.includes(key))) return
  const message = `says nothing; write ${EXAMPLES}, and { hops: [] } to trust nobody`
  report({ path: '', code: 'missing-hops', message })
}

const RULE = {
  says: '',
  code: 'bad-hops',
  hint: "write { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }",
} as const

/** Undefined if it is not something that could have options. */
function readRule(
  rule: unknown,
  path: string,
  report: Report,
): WrittenRule | NamedPlatform | undefined {
  if (isRecord(rule) && 'platform' in rule) {
    return { ...readFields(PLATFORM_FIELDS, rule, path, report, RULE), path }
  }
  const values = readFields(RULE_FIELDS, rule, path, report, RULE)
  return isRecord(rule) ? { rule: values, at: (option) => memberOf(path, option) } : undefined
}

/** Numbers the kinds of evidence: rules on the same header share one cursor. */
class Slots {
  readonly asserted: string[] = []
  readonly #forms: SingleAddressForm[] = []

  /** Reports it if another rule reads the same header in another form. */
  of(asserts: string, form: SingleAddressForm, path: string, report: Report): number {
    const known = this.asserted.indexOf(asserts)
    if (known === -1) {
      this.#forms.push(form)
      return this.asserted.push(asserts) - 1
    }
    if (this.#forms[known] !== form) {
      const message = `must be the same in all rules on ${asserts}, got '${form}'; another rule says '${this.#forms[known]}'`
      report({ path, code: 'bad-form', message })
    }
    return known
  }
}

/** Undefined if one of the options that the others depend on is wrong. */
function hopOf(
  { rule, at }: WrittenRule,
  index: number,
  unmap: Unmap | undefined,
  slots: Slots,
  problems: Problems,
): Hop | undefined {
  const { report } = problems
  const { name = `hop-${index + 1}`, asserts, custom, required } = rule
  if (problems.areFine(at('asserts'), at('custom'))) {
    checkKnown(asserts, custom, at('asserts'), report)
  }
  if (!problems.areFine(at('asserts'))) return undefined
  const kind = kindOf(asserts)
  const form = formOf(rule.form, asserts, at('form'), report)
  const depth = depthOf(rule.depth, asserts, at('depth'), report)
  if (!problems.areFine(at('from'), at('form'))) return undefined
  const slot = slots.of(asserts, form, at('form'), report)
  const entries = Object.freeze([...rule.from])
  const original = originalOf(rule.original, kind)
  if (kind === 'proxy-protocol') checkSender(entries, at('from'), report)
  const from = peersOf(entries)
  return Object.freeze({
    name,
    from,
    entries,
    asserts,
    kind,
    form,
    slot,
    depth,
    required,
    original,
    unmap,
  })
}

function reportSharedNames(
  hops: readonly Hop[],
  rules: readonly WrittenRule[],
  { all, report }: Problems,
): void {
  // Names that follow from the order are known only if every rule is.
  if (all.length > 0) return
  const names = new Set<string>()
  for (const [n, { name }] of hops.entries()) {
    if (names.has(name)) {
      const path = rules[n]?.at('name') ?? ''
      const message = `must be a different name, got '${name}', which an earlier rule has; logs and explanations could not distinguish the two`
      report({ path, code: 'bad-name', message })
    }
    names.add(name)
  }
}

/**
 * Most HTTP proxies write the scheme, and pass on a client's own `X-Forwarded-Host`. Most senders
 * of PROXY headers forward bytes: the headers behind those are all the client's.
 */
const BY_DEFAULT: readonly OriginalPart[] = Object.freeze(['proto'])
const NOTHING: readonly OriginalPart[] = Object.freeze([])

function originalOf(
  parts: readonly OriginalPart[] | undefined,
  kind: AssertionKind,
): readonly OriginalPart[] {
  if (parts !== undefined) return Object.freeze([...parts])
  return kind === 'proxy-protocol' ? NOTHING : BY_DEFAULT
}
