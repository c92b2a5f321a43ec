import type { Address } from '@truehop/ip'
import type { PeerWithoutAddress } from '@truehop/ip/internal'

/** A party on the way: its address, or what stands for a peer that has none. */
export type WalkNode = Address | PeerWithoutAddress

export function hasNoAddress(node: unknown): node is PeerWithoutAddress {
  return node === 'unix' || node === 'event'
}
