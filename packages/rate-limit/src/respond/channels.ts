import { channel } from 'node:diagnostics_channel'
import type { ClientIdentity } from '@truehop/identity'
import type { RateLimitDecision } from '../decide/decision.js'

/** Every decision of the framework adapters, allowed or refused: `{ decision, request }`. */
export const DECISION_CHANNEL = 'truehop.rate_limit.decision'

/** Every ban that refusals led to: a `BanMessage`. */
export const BAN_CHANNEL = 'truehop.rate_limit.ban'

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
  readonly identity: ClientIdentity
  /** Whole seconds from now on. */
  readonly seconds: number
}

const decisions = channel(DECISION_CHANNEL)
const bans = channel(BAN_CHANNEL)

export function publishDecision(decision: RateLimitDecision, request: object): void {
  if (!decisions.hasSubscribers) return
  const message: DecisionMessage = { decision, request }
  decisions.publish(message)
}

export function publishBan(message: BanMessage): void {
  if (bans.hasSubscribers) bans.publish(message)
}
