import type { Address } from '@truehop/ip'

/** A party on the way: its address, or `'unix'` for a peer that has none. */
export type WalkNode = Address | 'unix'
