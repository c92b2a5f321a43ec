import { isRecord, Problems, show } from '@truehop/options'
import { FileTurn } from '../ranges/file-turn.js'
import { type ListBytes, textOf } from '../ranges/list-bytes.js'
import { readList, readListNow } from '../ranges/list-file.js'
import { LiveSource } from '../ranges/live-source.js'
import type { RangesSettings } from '../ranges/ranges-options.js'
import { readRanges } from '../ranges/read-ranges.js'
import { readPolicy } from './compile.js'
import { type PlaceOf, PolicyError, policyError } from './error.js'
import { OpenedRanges } from './opened-ranges.js'
import type { LiveRanges } from './peers.js'
import { definePolicy, Policy } from './policy.js'
import { readPolicyText } from './policy-text.js'

/** Maximum size of a policy file. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

/**
 * The policy in a JSON file: the options of `definePolicy`, with the options of `rangesFrom` as
 * entries of `from` for live ranges, and `$schema` for editors. The schema is published with this
 * package as `@truehop/identity/policy.schema.json`.
 *
 * Reads it, and ranges in files, synchronously: for start-up. In a service that is already
 * answering, use `openPolicy`.
 *
 * @throws {PolicyError} `bad-file` if it cannot be read, is not JSON, or is larger than 16 MiB;
 * `repeated-name` if one of its objects has a name twice; otherwise like `definePolicy`. The
 * message begins with the file's name.
 */
export function loadPolicy(path: string): Policy {
  let text: string
  try {
    text = textIn(readListNow(path).bytes)
  } catch (error) {
    throw unreadable(error, path)
  }
  return policyFromText(text, path)
}

/**
 * Like `loadPolicy`, for a running service: reads while the service answers, and resolves when the
 * ranges of the policy are there. Rejects after 15 seconds if the disk of a file does not answer,
 * and if a source has no ranges to give; then nothing is followed.
 */
export async function openPolicy(path: string): Promise<Policy> {
  let text: string
  try {
    text = textIn((await new FileTurn().take(() => readList(path))).bytes)
  } catch (error) {
    throw unreadable(error, path)
  }
  const { policy, sources } = started(text, path, 'later')
  await allReady(sources)
  return policy
}

/** Ranges from a kept copy or a snapshot count as ready, even if the source has failed. */
async function allReady(sources: readonly LiveSource[]): Promise<void> {
  const looks = await Promise.allSettled(sources.map(({ ready }) => ready))
  const failed = looks.find(
    (look, at) => look.status === 'rejected' && sources[at]?.status().size === 0,
  )
  if (failed?.status !== 'rejected') return
  for (const source of sources) source.close()
  throw failed.reason
}

/**
 * The policy in the text of a policy file that has already been read. `name` begins the messages.
 *
 * @throws {PolicyError} like `loadPolicy`.
 */
export function policyFromText(text: string, name: string): Policy {
  return started(text, name, 'now').policy
}

/**
 * Finds the line and column of what a path names in the text of a policy file; for findings of
 * `lint`.
 */
export function placesIn(text: string): PlaceOf {
  return readPolicyText(text).placeOf
}

function started(text: string, name: string, files: 'now' | 'later'): StartedPolicy {
  const { value, fault, faultPlace: place, repeated, placeOf } = readPolicyText(text)
  if (fault !== undefined) {
    const message = `is not JSON: ${fault}`
    throw policyError([{ path: '', code: 'bad-file', message, place }], name)
  }
  if (!isRecord(value)) {
    throw new PolicyError('bad-file', '', `must contain an object, got ${show(value)}`, name)
  }
  const { $schema: _, ...options } = value
  const problems = new Problems()
  for (const path of repeated) problems.report({ path, code: 'repeated-name', message: REPEATED })
  const policy = startPolicy(options, files, problems)
  if (policy === undefined) throw policyError(problems.all, name, placeOf)
  return policy
}

const REPEATED = 'occurs more than once, and only the last one would count; keep one'

/** Environment variables that contain a policy. */
export interface PolicyEnvironment {
  /** Path of a policy file. */
  readonly TRUEHOP_POLICY?: string | undefined
  /** Entries of `trust`, separated by commas or white space. */
  readonly TRUEHOP_TRUST?: string | undefined
  /** `header` of the shorthand form, or of the platform. */
  readonly TRUEHOP_HEADER?: string | undefined
  /** Id of a platform; `TRUEHOP_TRUST` then replaces its own peers. */
  readonly TRUEHOP_PLATFORM?: string | undefined
}

/**
 * The policy that the environment gives: `TRUEHOP_POLICY=truehop.policy.json`, or
 * `TRUEHOP_TRUST="10.0.0.0/8 loopback" TRUEHOP_HEADER=x-forwarded-for`, or
 * `TRUEHOP_PLATFORM=render`. Undefined if none of the four is set: then nobody has asked for a
 * policy, and none is made up.
 *
 * @throws {PolicyError} `bad-environment` if the variables contradict each other or one is missing;
 * otherwise like `loadPolicy` and `definePolicy`.
 */
export function policyFromEnvironment(
  environment: PolicyEnvironment = process.env,
): Policy | undefined {
  const {
    TRUEHOP_POLICY: file,
    TRUEHOP_TRUST: trust,
    TRUEHOP_HEADER: header,
    TRUEHOP_PLATFORM: platform,
  } = environment
  if (file !== undefined) {
    if (trust === undefined && header === undefined && platform === undefined) {
      return loadPolicy(file)
    }
    const others = 'TRUEHOP_TRUST, TRUEHOP_HEADER and TRUEHOP_PLATFORM'
    throw badEnvironment('TRUEHOP_POLICY', `already names the whole policy; unset ${others}`)
  }
  const from = trust?.split(/[\s,]+/).filter((entry) => entry !== '')
  if (platform !== undefined) return definePolicy({ platform, from, header })
  if (trust === undefined && header === undefined) return undefined
  if (trust === undefined || header === undefined) {
    const missing = trust === undefined ? 'TRUEHOP_TRUST' : 'TRUEHOP_HEADER'
    const example = trust === undefined ? '"10.0.0.0/8 loopback"' : 'x-forwarded-for'
    throw badEnvironment(missing, `is not set; write ${missing}=${example}`)
  }
  return definePolicy({ trust: from ?? [], header })
}

function badEnvironment(variable: string, message: string): PolicyError {
  return new PolicyError('bad-environment', variable, message)
}

function textIn(bytes: ListBytes): string {
  const length = bytes.reduce((sum, piece) => sum + piece.length, 0)
  if (length > MAX_FILE_BYTES) throw new TooLarge()
  return [...textOf(bytes)].join('')
}

class TooLarge extends Error {}

function unreadable(error: unknown, path: string): PolicyError {
  const why = error instanceof Error ? error.message : String(error)
  const message = error instanceof TooLarge ? 'is larger than 16 MiB' : `cannot be read: ${why}`
  return new PolicyError('bad-file', '', message, path)
}

/** A policy, and the live ranges that were opened for it. */
interface StartedPolicy {
  readonly policy: Policy
  readonly sources: readonly LiveSource[]
}

/**
 * Reads everything before opening any ranges: a refused policy must not go on polling. Undefined if
 * `problems` say what is wrong.
 */
function startPolicy(
  options: Record<string, unknown>,
  files: 'now' | 'later',
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
