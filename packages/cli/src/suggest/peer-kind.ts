import { type Platform, platforms } from '@truehop/identity'
import { NAMED_RANGES, PeerSet, PrefixSet, parseAddress } from '@truehop/ip'

/**
 * What an address says about its host. Peers decide what may be a hop, never headers: a client
 * with a public address of his own is a client, however much he sends.
 */
export type PeerKind =
  /** The person says that it is a proxy of theirs. */
  | { readonly is: 'own'; readonly id: 'own' }
  /** In the published ranges of a platform. */
  | { readonly is: 'infrastructure'; readonly id: string; readonly platform: Platform }
  /** Nobody on the internet can have it. `id` is the range. */
  | { readonly is: 'private'; readonly id: string }
  /** `unix` or `event`. */
  | { readonly is: 'without-address'; readonly id: string }
  | { readonly is: 'public'; readonly id: 'public' }

/** Told apart so that a peer of one network cannot spoil or help what those of another one show. */
const PRIVATE_RANGES: readonly (readonly [id: string, prefixes: readonly string[]])[] = [
  ['loopback', NAMED_RANGES.loopback],
  ['linklocal', NAMED_RANGES.linklocal],
  ['cgnat', NAMED_RANGES.cgnat],
  ...NAMED_RANGES.private.map((prefix) => [prefix, [prefix]] as const),
]

/** Platforms whose peers are published. Of two with the same ranges the first one. */
const PUBLISHED = platforms.filter(
  ({ ranges, peers, id }, at) =>
    ranges !== undefined &&
    peers.length > 0 &&
    platforms.findIndex((other) => other.peers === peers) === at &&
    id !== 'cloudflare-spectrum',
)

interface Known {
  readonly prefixes: PrefixSet
  readonly kinds: ReadonlyMap<string, PeerKind>
}

let known: Known | undefined

function knownRanges(): Known {
  const kinds = new Map<string, PeerKind>()
  for (const platform of PUBLISHED) {
    const kind = { is: 'infrastructure', id: platform.id, platform } as const
    for (const entry of platform.peers) if (!kinds.has(entry)) kinds.set(entry, kind)
  }
  for (const [id, prefixes] of PRIVATE_RANGES) {
    for (const prefix of prefixes) kinds.set(prefix, { is: 'private', id })
  }
  return { kinds, prefixes: PrefixSet.from(kinds.keys()) }
}

/** Tells what a peer or a node of a walk is. */
export class PeerKinds {
  readonly #own: PeerSet

  /** `own`: addresses and prefixes of proxies that the person runs. */
  constructor(own: readonly string[]) {
    this.#own = PeerSet.from(own)
  }

  of(peer: string): PeerKind {
    if (peer === 'unix' || peer === 'event') return { is: 'without-address', id: peer }
    const address = parseAddress(peer)
    if (address === undefined) return { is: 'public', id: 'public' }
    if (this.#own.prefixes.has(address)) return { is: 'own', id: 'own' }
    known ??= knownRanges()
    const match = known.prefixes.match(address)
    return (match && known.kinds.get(match.entry)) ?? { is: 'public', id: 'public' }
  }
}

/** Whether all the peers are in the entries of a `from`. */
export function areAllIn(entries: readonly string[], peers: Iterable<string>): boolean {
  const set = PeerSet.from(entries)
  return [...peers].every((peer) => {
    if (peer === 'unix') return set.hasUnix
    if (peer === 'event') return set.hasEvent
    const address = parseAddress(peer)
    return address !== undefined && set.prefixes.has(address)
  })
}
