import { memberOf, type Problem, type Report, show, type Values } from '@truehop/options'
import type { PLATFORM_FIELDS } from '../policy/policy-fields.js'
import type { RuleValues, WrittenRule } from '../policy/written-rule.js'
import type { Platform, PlatformRule } from './platform.js'

/** An entry that names a platform, as read, and its place in the policy. */
export interface NamedPlatform extends Values<typeof PLATFORM_FIELDS> {
  readonly path: string
}

type Peers = RuleValues['from']

/**
 * The plain rules of a policy: an entry that names a platform becomes the platform's rules, in
 * their order and at its place. Every other entry stays as it is. Reports a platform without what
 * only the user can know, and a header that the platform does not write.
 */
export function expandPlatforms(
  entries: readonly (WrittenRule | NamedPlatform)[],
  report: Report,
): readonly WrittenRule[] {
  const named = entries.filter((entry) => 'path' in entry)
  const present = new Set(named.map(({ platform }) => platform?.id))
  return entries.flatMap((entry) => {
    if (!('path' in entry)) return [entry]
    const { platform } = entry
    if (platform === undefined) return []
    if (platform.silentBehind?.some((id) => present.has(id)) === true) return []
    return rulesOf(platform, entry, named, report)
  })
}

function rulesOf(
  platform: Platform,
  entry: NamedPlatform,
  named: readonly NamedPlatform[],
  report: Report,
): WrittenRule[] {
  const peers = [...peersOf(entry, report), ...silentPeers(platform, named, report)]
  const rules = platform.rules[headerOf(platform, entry, report)] ?? []
  const at = (option: string) => memberOf(entry.path, option)
  return rules.map((rule) => ({ at, rule: plainRule(platform, entry, rule, peers) }))
}

/**
 * Platforms that add no entry of their own behind this one: what they pass on comes from this one.
 */
function silentPeers({ id }: Platform, named: readonly NamedPlatform[], report: Report): Peers {
  return named.flatMap((other) =>
    other.platform?.silentBehind?.includes(id) === true ? peersOf(other, report) : [],
  )
}

function plainRule(
  { id }: Platform,
  entry: NamedPlatform,
  { name, from, asserts, depth, required = false, original }: PlatformRule,
  peers: Peers,
): RuleValues {
  const base = entry.name ?? id
  return {
    name: name === undefined ? base : `${base}-${name}`,
    from: from ?? peers,
    asserts,
    custom: false,
    form: undefined,
    depth,
    required,
    original,
  }
}

function peersOf({ platform, from, path }: NamedPlatform, report: Report): Peers {
  const parameter = platform?.parameters.find(({ name }) => name === 'from')
  if (from !== undefined) {
    if (platform !== undefined && parameter === undefined) report(noPeers(platform, path))
    return from
  }
  if (parameter?.required !== true) return platform?.peers ?? []
  report({
    path: memberOf(path, 'from'),
    code: 'missing-from',
    message: `is missing, and only you can know it: name ${parameter.says}`,
  })
  return []
}

/** A `from` that goes nowhere would look like trust, and be none. */
function noPeers({ id }: Platform, path: string): Problem {
  return {
    path: memberOf(path, 'from'),
    code: 'bad-from',
    message: `says nothing for ${id}, which is not a hop: leave it out, and name the proxy in front in a separate entry, such as { platform: 'nginx', from: ['loopback'] }`,
  }
}

function headerOf(platform: Platform, { header, path }: NamedPlatform, report: Report): string {
  const [first = '', ...others] = Object.keys(platform.rules)
  if (header === undefined || header === first || others.includes(header)) return header ?? first
  const advice = platform.parameters.find(({ name }) => name === 'header')?.says
  report({
    path: memberOf(path, 'header'),
    code: 'bad-header',
    message: `must be one of ${[first, ...others].map(show).join(', ')} for ${platform.id}, got ${show(header)}${advice === undefined ? '' : `; ${advice}`}`,
  })
  return first
}
