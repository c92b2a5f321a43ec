import type { EntryCursor, IdentifiedNode } from '@truehop/forwarded'
import type { ResolvedReason, UndeterminedReason } from './identity.js'

/** What reading an entry comes to: a node, a fault, or the end of the walk at its sender. */
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
export interface ClaimCursor extends Omit<EntryCursor, 'read'> {
  read(): Entry
}
