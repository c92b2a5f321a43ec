import type { Evidence } from '@truehop/identity'

/** Evidence of one request, and where it was found. */
export interface Sample {
  /** A line from 1, or an entry of a HAR from 1. */
  readonly number: number
  readonly evidence: Evidence
  /** The log has no headers at all, so a missing one says nothing about the request. */
  readonly lacksHeaders?: boolean
}

/** Something in a log that contains no evidence. */
export interface Unreadable {
  readonly number: number
  readonly fault: string
}
