import { readFileSync } from 'node:fs'
import { isRecord, Problems, show } from '@truehop/options'
import { LiveSource } from '../ranges/live-source.js'
import { type RangesSettings, readRanges } from '../ranges/ranges-options.js'
import { readPolicy } from './compile.js'
import { type PlaceOf, PolicyError, policyError } from './error.js'
import type { LiveRanges } from './peers.js'
import { definePolicy, Policy } from './policy.js'
import { readPolicyText } from './policy-text.js'

/** Bytes of a policy file, at most. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

/**
 * The policy in a JSON file: the options of `definePolicy`, with the options of `rangesFrom` as
 * entries of `from` where ranges shall live, and `$schema` for editors. The schema is published with this package as `@truehop/identity/policy.schema.json`.
 *
 * Reads synchronously: for start-up.
 *
 * @throws {PolicyError} `bad-file` where it cannot be read, is no JSON, or is larger than 16 MiB;
 * `repeated-name` where one of its objects has a name twice; else as `definePolicy` does. The message begins with the file's name.
 */
export function loadPolicy(path: string): Policy {
  return policyFromText(readText(path), path)
}

/**
 * The policy in the text of a policy file that was read already. `name` begins the messages.
 *
 * @throws {PolicyError} as `loadPolicy` does.
 */
export function policyFromText(text: string, name: string): Policy {
  const { value, fault, faultPlace: place, repeated, placeOf } = readPolicyText(text)
  if (fault !== undefined) {
    const message = `is not JSON: ${fault}`
    throw policyError([{ path: '', code: 'bad-file', message, place }], name)
  }
  if (!isRecord(value)) {
    throw new PolicyError('bad-file', '', `must hold an object, got ${show(value)}`, name)
  }
  const { $schema: _, ...options } = value
  const problems = new Problems()
  for (const path of repeated) problems.report({ path, code: 'repeated-name', message: REPEATED })
  return startPolicy(options, problems) ?? fail(policyError(problems.all, name, placeOf))
}

const REPEATED =
  'is there more than once: the last one counts, and what the others say is not read; leave one'

function fail(error: PolicyError): never {
  throw error
}

/** Tells line and column of what a path names in the text of a policy file; for findings of `lint`. */
export function placesIn(text: string): PlaceOf {
  return readPolicyText(text).placeOf
}

/** Environment variables that hold a policy. */
export interface PolicyEnvironment {
  /** Path of a policy file. */
  readonly TRUEHOP_POLICY?: string | undefined
  /** Entries of `trust`, separated by commas or white space. */
  readonly TRUEHOP_TRUST?: string | undefined
  /** `header` of the shorthand form, or of the platform. */
  readonly TRUEHOP_HEADER?: string | undefined
  /** Id of a platform; `TRUEHOP_TRUST` then takes the place of its own peers. */
  readonly TRUEHOP_PLATFORM?: string | undefined
}

/**
 * The policy that the environment gives: `TRUEHOP_POLICY=truehop.policy.json`, or
 * `TRUEHOP_TRUST="10.0.0.0/8 loopback" TRUEHOP_HEADER=x-forwarded-for`, or
 * `TRUEHOP_PLATFORM=render`. Undefined where none of the four is set: nobody has asked for a policy then, and none is made up.
 *
 * @throws {PolicyError} `bad-environment` where the variables contradict each other or one is
 * missing; else as `loadPolicy` and `definePolicy` do.
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
    throw badEnvironment('TRUEHOP_POLICY', `holds the whole policy; unset ${others}`)
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

function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    if (Buffer.byteLength(text) <= MAX_FILE_BYTES) return text
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new PolicyError('bad-file', '', `cannot be read: ${why}`, path)
  }
  throw new PolicyError('bad-file', '', 'is larger than 16 MiB', path)
}

/**
 * Reads everything before any ranges are: what is refused must not go on polling. Undefined where
 * `problems` say what is wrong.
 */
function startPolicy(options: Record<string, unknown>, problems: Problems): Policy | undefined {
  const read = (live: LiveEntry) => readPolicy(withLiveRanges(options, live, problems), problems)
  if (read(notStarted) === undefined || problems.all.length > 0) return undefined
  const snapshot = read((settings) => new LiveSource(settings))
  return snapshot && new Policy(snapshot)
}

type LiveEntry = (settings: RangesSettings) => LiveRanges

/** Stands for ranges while the policy around them is validated. */
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

/** A file writes living ranges as the options of `rangesFrom`. */
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
