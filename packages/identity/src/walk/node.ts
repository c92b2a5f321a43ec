import type { EntryCursor, IdentifiedNode } from '@truehop/forwarded'
import type { Address } from '@truehop/ip'
import type { PeerWithoutAddress } from '@truehop/ip/internal'
import type { ResolvedReason, UndeterminedReason } from './identity.js'

/** A party on the way: its address, or a marker for a peer that has none. */
export type WalkNode = Address | PeerWithoutAddress

export function hasNoAddress(node: unknown): node is PeerWithoutAddress {
  return node === 'unix' || node === 'event'
}

/** The result of reading an entry: a node, a fault, or the end of the walk at its sender. */
export type Entry =
  | (IdentifiedNode & { readonly endsWalk?: undefined })
  | {
      readonly address?: undefined
      readonly port?: undefined
      readonly fault: UndeterminedReason
      readonly endsWalk?: undefined
    }
  | {
      readonly address?: undefined
      readonly port?: undefined
      readonly fault?: undefined
      readonly endsWalk: ResolvedReason
    }

/** A source of entries, nearest first. The PROXY headers are one, each header another. */
export type ClaimCursor = EntryCursor<Entry>
