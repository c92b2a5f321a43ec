import { channel } from 'node:diagnostics_channel'
import type { RangesStatus } from '../policy/peers.js'

/** The message of `truehop.ranges.updated`, `.failed` and `.stale`. */
export interface RangesMessage {
  readonly status: RangesStatus
}

export const UPDATED = channel('truehop.ranges.updated')
export const FAILED = channel('truehop.ranges.failed')
export const STALE = channel('truehop.ranges.stale')

/** What went wrong and its cause, as in `status().lastError`. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.message}${cause}`
}
