import { nearest, show } from '@truehop/options'
import { PolicyError } from '../policy/error.js'
import type { HopRule, PlatformEntry } from '../policy/options.js'
import type { Platform, PlatformRule } from './platform.js'
import { platformOf, platforms } from './platforms.js'

/** A plain rule, and where in the policy it was written. */
export interface PlacedRule {
  readonly rule: unknown
  readonly path: string
}

/**
 * The plain rules of a policy: an entry that names a platform becomes the platform's rules, in
 * their order and at its place. Every other entry stays as it is, for the compiler to judge.
 *
 * @throws {PolicyError} for a platform that does not exist, or one without what only the user knows.
 */
export function expandPlatforms(entries: readonly PlacedRule[]): readonly PlacedRule[] {
  const named = entries.map(({ rule, path }) => platformNamed(rule, path))
  const present = new Set(named.flatMap((entry) => entry?.platform.id ?? []))
  return entries.flatMap((entry, at) => {
    const expanded = named[at]
    return expanded === undefined ? [entry] : rulesOf(expanded, present, named)
  })
}

interface NamedPlatform {
  readonly platform: Platform
  readonly entry: PlatformEntry
  readonly path: string
}

function platformNamed(rule: unknown, path: string): NamedPlatform | undefined {
  if (typeof rule !== 'object' || rule === null || !('platform' in rule)) return undefined
  const entry = rule as PlatformEntry
  checkKeys(entry, path)
  const platform = typeof entry.platform === 'string' ? platformOf(entry.platform) : undefined
  if (platform === undefined) throw unknownPlatform(entry.platform, path)
  return { platform, entry, path }
}

const KEYS = ['platform', 'from', 'header', 'name']

function checkKeys(entry: object, path: string): void {
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key))
  if (unknown === undefined) return
  throw new PolicyError(
    'unknown-option',
    at(path, unknown.slice(0, 60)),
    `unknown option beside platform; expected one of ${KEYS.join(', ')}, or write the rule itself: { from, asserts, ${unknown.slice(0, 60)} }`,
  )
}

function unknownPlatform(given: unknown, path: string): PolicyError {
  const ids = platforms.map(({ id }) => id)
  const near = typeof given === 'string' ? nearest(given, ids) : undefined
  const advice = near === undefined ? `write one of ${ids.join(', ')}` : `write '${near}'`
  return new PolicyError(
    'bad-platform',
    at(path, 'platform'),
    `must be a known platform, got ${show(given)}; ${advice}`,
  )
}

function rulesOf(
  { platform, entry, path }: NamedPlatform,
  present: ReadonlySet<string>,
  named: readonly (NamedPlatform | undefined)[],
): PlacedRule[] {
  if (platform.silentBehind?.some((id) => present.has(id)) === true) return []
  const peers = [...peersOf(platform, entry, path), ...silentPeers(platform, named)]
  const rules = platform.rules[headerOf(platform, entry, path)] ?? []
  return rules.map((rule) => ({ path, rule: plainRule(platform, entry, rule, peers) }))
}

/** Platforms that add no entry of their own behind this one: what they hand on is this one's word. */
function silentPeers(
  { id }: Platform,
  named: readonly (NamedPlatform | undefined)[],
): HopRule['from'] {
  return named.flatMap((other) =>
    other?.platform.silentBehind?.includes(id) === true
      ? peersOf(other.platform, other.entry, other.path)
      : [],
  )
}

function plainRule(
  { id }: Platform,
  entry: PlatformEntry,
  { name, from, asserts, depth, required, original }: PlatformRule,
  peers: HopRule['from'],
): HopRule {
  const base = entry.name ?? id
  return {
    name: name === undefined ? base : `${base}-${name}`,
    from: from ?? peers,
    asserts,
    original,
    ...(depth === undefined ? {} : { depth }),
    ...(required === undefined ? {} : { required }),
  }
}

function peersOf(platform: Platform, { from }: PlatformEntry, path: string): HopRule['from'] {
  if (from !== undefined) return from
  const parameter = platform.parameters.find(({ name }) => name === 'from')
  if (parameter?.required !== true) return platform.peers
  throw new PolicyError(
    'missing-from',
    at(path, 'from'),
    `is missing, and only you can know it: name ${parameter.says}`,
  )
}

function headerOf(platform: Platform, { header }: PlatformEntry, path: string): string {
  const values = Object.keys(platform.rules)
  if (header === undefined) return values[0] ?? ''
  if (values.includes(header)) return header
  const told = platform.parameters.find(({ name }) => name === 'header')?.says
  throw new PolicyError(
    'bad-header',
    at(path, 'header'),
    `must be one of ${values.map(show).join(', ')} for ${platform.id}, got ${show(header)}${told === undefined ? '' : `; ${told}`}`,
  )
}

function at(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
