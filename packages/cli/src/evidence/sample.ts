import type { Evidence } from '@truehop/identity'

/** Evidence of one request, and where it stands. */
export interface Sample {
  /** A line from 1, or an entry of a HAR from 1. */
  readonly number: number
  readonly evidence: Evidence
  /** The log has no headers at all: that one is missing says nothing of the request. */
  readonly lacksHeaders?: boolean
}

/** Something in a log that holds no evidence. */
export interface Unreadable {
  readonly number: number
  readonly fault: string
}
