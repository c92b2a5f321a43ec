import { channel } from 'node:diagnostics_channel'
import type { ClientIdentity } from '@truehop/identity'
import type { RateLimitDecision } from '../decide/decision.js'

/** Every decision of the framework adapters, allowed or refused: `{ decision, request }`. */
export const DECISION_CHANNEL = 'truehop.rate_limit.decision'

/** Every ban that refusals led to: a `BanMessage`. */
export const BAN_CHANNEL = 'truehop.rate_limit.ban'

/** Every answer of a store that can fail, and every question given up: a `StoreMessage`. */
export const STORE_CHANNEL = 'truehop.rate_limit.store'

export interface DecisionMessage {
  readonly decision: RateLimitDecision
  /** Node's own request object. */
  readonly request: object
}

/** What a deny list needs to know about a ban. */
export interface BanMessage {
  /** The limit that was exceeded. */
  readonly limit: string
  /** What is banned: an address, a network, or the string of a key. */
  readonly key: string
  /** True if `key` is an address or a network, which a deny list can contain. */
  readonly isNetwork: boolean
  /** True if the limit is a shadow, whose bans refuse nobody: a deny list must not contain it. */
  readonly shadow: boolean
  readonly identity: ClientIdentity
  /** Whole seconds from now on. */
  readonly seconds: number
}

/** How long a store took. */
export interface StoreMessage {
  /** The store's `kind`. */
  readonly store: string
  /** Which node of a cluster; empty where the store is one. */
  readonly node: string
  readonly seconds: number
  /** Absent for an answer; `timeout` for none within the deadline, `_OTHER` for what failed. */
  readonly error?: 'timeout' | '_OTHER' | undefined
}

const decisions = channel(DECISION_CHANNEL)
const bans = channel(BAN_CHANNEL)

export const STORE_ANSWERS = channel(STORE_CHANNEL)

export function publishDecision(decision: RateLimitDecision, request: object): void {
  if (!decisions.hasSubscribers) return
  const message: DecisionMessage = { decision, request }
  decisions.publish(message)
}

export function publishBan(message: BanMessage): void {
  if (bans.hasSubscribers) bans.publish(message)
}
