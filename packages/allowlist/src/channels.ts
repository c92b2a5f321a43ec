import { channel } from 'node:diagnostics_channel'
import type { Decision } from './decision.js'

/** Every decision, allowed or not: `{ decision, request }`. */
export const DECISION_CHANNEL = 'truehop.allowlist.decision'
/** Lists were replaced at run time: `{ name, allow, deny }`, the last two as sizes. */
export const REPLACED_CHANNEL = 'truehop.allowlist.replaced'

export interface DecisionMessage {
  readonly decision: Decision
  /** Node's own request object. */
  readonly request: object
}

export interface ReplacedMessage {
  readonly name: string
  readonly allow: number
  readonly deny: number
}

const decisions = channel(DECISION_CHANNEL)
const replacements = channel(REPLACED_CHANNEL)

export function publishDecision(decision: Decision, request: object): void {
  if (!decisions.hasSubscribers) return
  const message: DecisionMessage = { decision, request }
  decisions.publish(message)
}

export function publishReplaced(message: ReplacedMessage): void {
  if (replacements.hasSubscribers) replacements.publish(message)
}
