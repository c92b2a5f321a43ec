import { isRecord, Problems, show } from '@truehop/options'
import { LiveSource } from '../ranges/live-source.js'
import type { RangesSettings } from '../ranges/ranges-options.js'
import { readRanges } from '../ranges/read-ranges.js'
import { readPolicy } from './compile.js'
import { type Place, PolicyError, policyError } from './error.js'
import { OpenedRanges } from './opened-ranges.js'
import type { LiveRanges } from './peers.js'
import { Policy } from './policy.js'
import type { PolicyText } from './policy-text.js'
import { placeReader } from './written-places.js'

/** Whether files of live ranges are read at once, or while the service answers. */
type ReadFiles = 'now' | 'later'

/** A policy, and the live ranges that were opened for it. */
export interface StartedPolicy {
  readonly policy: Policy
  readonly sources: readonly LiveSource[]
}

/**
 * The policy that a file says, its live ranges begun.
 *
 * @throws {PolicyError} for all that is wrong with it, `name` before each message.
 */
export function startPolicy(text: PolicyText, name: string, files: ReadFiles): StartedPolicy {
  const { format, value, fault, faultPlace: place, repeated, places } = text
  if (fault !== undefined) {
    const message = `is not ${format}: ${fault}`
    throw policyError([{ path: '', code: 'bad-file', message, place }], name)
  }
  if (!isRecord(value)) {
    throw new PolicyError('bad-file', '', `must contain an object, got ${show(value)}`, name)
  }
  const { $schema: _, ...options } = value
  const problems = new Problems()
  for (const { path, first } of repeated) {
    problems.report({ path, code: 'repeated-name', message: repeatedAt(first) })
  }
  const started = start(options, files, problems)
  if (started === undefined) throw policyError(problems.all, name, placeReader(places))
  return started
}

const repeatedAt = ({ line, column }: Place): string =>
  `occurs more than once, before this at ${line}:${column}, and only the last one would count; keep one`

/**
 * Reads everything before opening any ranges: a refused policy must not go on polling. Undefined if
 * `problems` say what is wrong.
 */
function start(
  options: Record<string, unknown>,
  files: ReadFiles,
  problems: Problems,
): StartedPolicy | undefined {
  const sources: LiveSource[] = []
  const read = (live: LiveEntry) => readPolicy(withLiveRanges(options, live, problems), problems)
  if (read(notStarted) === undefined || problems.all.length > 0) return undefined
  const snapshot = read((settings) => {
    const source = new LiveSource(settings, files)
    sources.push(source)
    return source
  })
  return snapshot && { policy: new Policy(snapshot, new OpenedRanges(sources)), sources }
}

type LiveEntry = (settings: RangesSettings) => LiveRanges

/** A placeholder for ranges while the policy around them is validated. */
function notStarted({ name }: { readonly name: string }): LiveRanges {
  const status = {
    name,
    size: 0,
    version: undefined,
    updatedAt: 0,
    stale: false,
    lastError: undefined,
  }
  return { name, has: () => false, status: () => status }
}

/** A file writes live ranges as the options of `rangesFrom`. */
function withLiveRanges(
  options: Record<string, unknown>,
  live: LiveEntry,
  problems: Problems,
): unknown {
  const entryOf = (entry: unknown, path: string) => {
    if (!isRecord(entry)) return entry
    const settings = readRanges(entry, path, problems)
    return settings === undefined ? notStarted({ name: path }) : live(settings)
  }
  const listOf = (value: unknown, path: string) =>
    Array.isArray(value) ? value.map((entry, i) => entryOf(entry, `${path}[${i}]`)) : value
  const ruleOf = (rule: unknown, path: string) =>
    isRecord(rule) && 'from' in rule
      ? { ...rule, from: listOf(rule['from'], `${path}.from`) }
      : rule
  const { hops } = options
  return {
    ...options,
    ...('trust' in options ? { trust: listOf(options['trust'], 'trust') } : {}),
    ...('from' in options ? { from: listOf(options['from'], 'from') } : {}),
    ...(Array.isArray(hops) ? { hops: hops.map((rule, i) => ruleOf(rule, `hops[${i}]`)) } : {}),
  }
}
