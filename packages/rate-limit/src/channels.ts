import { channel } from 'node:diagnostics_channel'
import type { RateLimitDecision } from './decision.js'

/** Every decision of the framework edges, admitted or refused: `{ decision, request }`. */
export const DECISION_CHANNEL = 'truehop.rate-limit.decision'

export interface DecisionMessage {
  readonly decision: RateLimitDecision
  /** Node's own request object. */
  readonly request: object
}

const decisions = channel(DECISION_CHANNEL)

export function publishDecision(decision: RateLimitDecision, request: object): void {
  if (!decisions.hasSubscribers) return
  const message: DecisionMessage = { decision, request }
  decisions.publish(message)
}
