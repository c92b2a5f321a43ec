import { PeerSet, type Prefix, type PrefixSet } from '@truehop/ip'
import type { Hop } from './snapshot.js'

/** A prefix as lint looks at it. */
export interface RangeFacts {
  readonly text: string
  readonly family: 4 | 6
  readonly length: number
  /** In space from which nobody on the Internet connects. */
  readonly isPrivate: boolean
  readonly prefix: Prefix
}

/** The fixed entries of a rule's `from`, expanded. */
export interface RuleRanges {
  readonly hop: Hop
  readonly ranges: {
    readonly isAny: boolean
    readonly hasUnix: boolean
    readonly hasEvent: boolean
    readonly size: number
    readonly set: PrefixSet
    readonly prefixes: readonly RangeFacts[]
    readonly warnings: readonly string[]
  }
}

/** Reserved since RFC 1112, section 4; a CDN may write such an address for an IPv6 client. */
const RESERVED = '240.0.0.0/4'

let ownPrefixes: PrefixSet | undefined

/** Shorter prefixes contain more addresses than any provider's proxies have. */
const WIDEST = { 4: 11, 6: 24 } as const

export function rangesOf(hop: Hop): RuleRanges {
  const peers = PeerSet.from(hop.entries.filter((entry) => typeof entry === 'string'))
  const { isAny, hasUnix, hasEvent, size, warnings, prefixes: set } = peers
  const prefixes = [...set].map(facts)
  return { hop, ranges: { isAny, hasUnix, hasEvent, size, set, warnings, prefixes } }
}

function facts(prefix: Prefix): RangeFacts {
  const { text, length, family } = prefix
  return { text, length, family, isPrivate: isPrivate(prefix), prefix }
}

function isPrivate(prefix: Prefix): boolean {
  ownPrefixes ??= PeerSet.from(['loopback', 'linklocal', 'private', 'cgnat', RESERVED]).prefixes
  return contains(ownPrefixes, prefix)
}

export function isWidePublic({ family, length, isPrivate }: RangeFacts): boolean {
  return !isPrivate && length > 0 && length < WIDEST[family]
}

/**
 * Hosts all over the Internet: one in each /8 of IPv4, and one in the block of each registry of
 * IPv6.
 */
const HOSTS = {
  4: Array.from({ length: 223 }, (_, n) => n + 1)
    .filter((first) => first !== 10 && first !== 127)
    .map((first) => `${first}.200.165.90`),
  6: ['24', '26', '28', '2a', '2c'].map((registry) => `${registry}00:5aa5::5a`),
} as const

/**
 * The family of which the prefixes of the rules together hold every host, if they do: two halves of
 * the address space are as wide as one prefix for all of it.
 */
export function wholeInternet(rules: readonly RuleRanges[]): 4 | 6 | undefined {
  const isIn = (host: string): boolean => rules.some(({ ranges: { set } }) => set.has(host))
  return ([4, 6] as const).find((family) => HOSTS[family].every(isIn))
}

/** Whether what it says of a client counts, whoever else is behind it. */
export function isBelieved({ hop: { depth, asserts } }: RuleRanges): boolean {
  return depth === 0 && asserts !== 'nothing'
}

/** Whether every address of `inner` is in `outer`; a prefix made up of several is not noticed. */
export function coversAll({ ranges: outer }: RuleRanges, { ranges: inner }: RuleRanges): boolean {
  if (inner.size === 0 || (inner.hasUnix && !outer.hasUnix)) return false
  if (inner.hasEvent && !outer.hasEvent) return false
  return inner.prefixes.every(({ prefix }) => contains(outer.set, prefix))
}

export function overlap({ ranges: a }: RuleRanges, { ranges: b }: RuleRanges): boolean {
  return (
    (a.hasUnix && b.hasUnix) ||
    (a.hasEvent && b.hasEvent) ||
    a.prefixes.some(({ prefix }) => contains(b.set, prefix)) ||
    b.prefixes.some(({ prefix }) => contains(a.set, prefix))
  )
}

function contains(set: PrefixSet, { address, length, family }: Prefix): boolean {
  const longest = set.match(address)?.prefix
  if (longest === undefined) return false
  // The longest prefix may lie inside the one looked for, while a shorter one contains all of it.
  return (
    longest.length <= length ||
    [...set].some((p) => p.family === family && p.length <= length && p.contains(address))
  )
}

/** `2026-01-31` of milliseconds since 1970. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
