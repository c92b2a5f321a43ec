import type { ClientIdentity } from '@truehop/identity'

/**
 * One request and its response, as a record needs them. Strings are as received: not yet escaped.
 */
export interface Exchange {
  /** Undefined if no policy was in force. */
  readonly identity: ClientIdentity | undefined
  readonly method: string
  /** The request target as it came, query included. */
  readonly target: string
  readonly scheme: string
  /** `'1.0'`, `'1.1'`, `'2.0'`. */
  readonly httpVersion: string
  /** The pattern that matched, such as `/users/:id`. */
  readonly route: string | undefined
  /** Undefined if the response ended before its head was sent. */
  readonly status: number | undefined
  /** Bytes of the response body that were handed over for sending. */
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Milliseconds. */
  readonly duration: number
  /** The response ended before it was complete. */
  readonly aborted: boolean
  readonly requestId: string | undefined
  readonly userAgent: string | undefined
  readonly referer: string | undefined
  /** The request headers asked for, by lower-case name. */
  readonly headers: Readonly<Record<string, readonly string[]>>
  /** What is odd about the identity: `'untrusted-claim:forwarded'`, `'conflict:x-real-ip'`. */
  readonly anomalies: readonly string[]
  /** What other consumers decided about this request. */
  readonly notes: readonly DecisionNote[]
}

/** A decision about a request, published on a diagnostics channel. */
export interface DecisionNote {
  /** Who decided: `'allowlist'`, `'rate-limit'`. */
  readonly by: string
  /** Plain values by name: `{ allowed: false, list: 'deny', entry: '203.0.113.0/24' }`. */
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** Of an exchange of which no request header is recorded. */
export const NO_HEADERS: Exchange['headers'] = Object.freeze({})

/** All that is said of a decision that let a request pass. */
export const PASSED: DecisionNote['facts'] = Object.freeze({ allowed: true })
