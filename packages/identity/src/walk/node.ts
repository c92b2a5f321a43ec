import type { EntryCursor } from '@truehop/forwarded'
import type { Address } from '@truehop/ip'
import type { PeerWithoutAddress } from '@truehop/ip/internal'
import type { ResolvedReason, UndeterminedReason } from './identity.js'

/** A party on the way: its address, or a marker for a peer that has none. */
export type WalkNode = Address | PeerWithoutAddress

export function hasNoAddress(node: unknown): node is PeerWithoutAddress {
  return typeof node === 'string' && (node === 'unix' || node === 'event')
}

/** What an entry says that names no node: a fault, or the end of the walk at its sender. */
export type NoNode =
  | { readonly fault: UndeterminedReason; readonly endsWalk?: undefined }
  | { readonly fault?: undefined; readonly endsWalk: ResolvedReason }

/** A source of entries, nearest first. The PROXY headers are one, each header another. */
export type ClaimCursor = EntryCursor<NoNode>
