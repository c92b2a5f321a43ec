import type { Address } from '../address/address.js'
import { brand } from '../brand.js'
import { Prefix, parsePrefix } from '../prefix/prefix.js'
import { PrefixError, refuseText } from '../prefix/prefix-error.js'
import { isRangeName, NAMED_RANGES } from './named-ranges.js'
import { PrefixSet } from './prefix-set.js'

/** A peer that has no address. */
export type PeerWithoutAddress = 'unix' | 'event'

const NAMES = [...Object.keys(NAMED_RANGES), 'unix', 'event', 'any']

/**
 * Who may be at the other end of a connection: prefixes, addresses, and the names `loopback`,
 * `linklocal`, `uniquelocal`, `private`, `cgnat` (see NAMED_RANGES), `unix` (a Unix-domain socket,
 * which has no address), `event` (no connection at all: a serverless platform calls the program) and `any`
 * (every address and every Unix-domain socket, but no event). Immutable.
 */
export class PeerSet {
  /** The addresses in it; `any` is 0.0.0.0/0 and ::/0 here. */
  readonly prefixes: PrefixSet
  /** True if an entry says `any`. */
  readonly isAny: boolean
  /** True if Unix-domain sockets are in it, by `unix` or by `any`. */
  readonly hasUnix: boolean
  /** True if an entry says `event`. */
  readonly hasEvent: boolean
  #unixEntry: string | undefined

  private constructor(prefixes: PrefixSet, words: ReadonlySet<string>) {
    const unixEntry = words.has('unix') ? 'unix' : words.has('any') ? 'any' : undefined
    this.prefixes = prefixes
    this.isAny = words.has('any')
    this.hasEvent = words.has('event')
    this.hasUnix = unixEntry !== undefined
    this.#unixEntry = unixEntry
  }

  /**
   * The set of the entries, in any order. Names are lower case. Throws PrefixError for an entry that
   * is neither a prefix nor one of the names.
   */
  static from(entries: Iterable<string | Prefix>): PeerSet {
    refuseText(entries)
    const prefixes: (string | Prefix)[] = []
    const words = new Set<string>()
    for (const entry of entries) {
      if (entry === 'unix' || entry === 'event') words.add(entry)
      else if (entry === 'any') {
        words.add(entry)
        prefixes.push(named('0.0.0.0/0', entry), named('::/0', entry))
      } else if (typeof entry === 'string' && isRangeName(entry)) {
        for (const range of NAMED_RANGES[entry]) prefixes.push(named(range, entry))
      } else prefixes.push(typeof entry === 'string' ? explained(entry) : entry)
    }
    return new PeerSet(PrefixSet.from(prefixes), words)
  }

  /**
   * The number of distinct prefixes, plus one each for Unix-domain sockets and events if they are
   * in it.
   */
  get size(): number {
    return this.prefixes.size + (this.hasUnix ? 1 : 0) + (this.hasEvent ? 1 : 0)
  }

  /** One line for each entry with bits set beyond its length, in the order of the entries. */
  get warnings(): readonly string[] {
    return this.prefixes.warnings
  }

  has(peer: Address | PeerWithoutAddress): boolean {
    if (peer === 'unix') return this.hasUnix
    if (peer === 'event') return this.hasEvent
    return this.prefixes.has(peer)
  }

  /** Like `has`, for the 32 bits of an IPv4 address, signed or unsigned. */
  hasIpv4(word: number): boolean {
    return this.prefixes.hasIpv4(word)
  }

  /**
   * The entry that the peer is in, as written; if there are several, the one with the longest
   * prefix.
   */
  match(peer: Address | PeerWithoutAddress): { readonly entry: string } | undefined {
    if (peer === 'event') return this.hasEvent ? { entry: peer } : undefined
    const entry = peer === 'unix' ? this.#unixEntry : this.prefixes.entryOf(peer)
    return entry === undefined ? undefined : { entry }
  }
}

brand(PeerSet, 'PeerSet/1')

function named(range: string, name: string): Prefix {
  const { address, length } = parsePrefix(range)
  return Prefix.of(address, length, name)
}

/** Checks the entry here, so that the error can list the names as well. */
function explained(entry: string): string {
  try {
    parsePrefix(entry)
    return entry
  } catch (error) {
    if (!(error instanceof PrefixError) || error.code !== 'bad-cidr') throw error
    throw new PrefixError(error.code, entry, `${error.reason}; or one of ${NAMES.join(', ')}`)
  }
}
