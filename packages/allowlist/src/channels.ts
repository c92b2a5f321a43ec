import { channel } from 'node:diagnostics_channel'
import type { Decision } from './decision.js'
import { described, type HeldEntry } from './shared/shared-entry.js'

/** Every decision, allowed or not: `{ decision, request }`. */
export const DECISION_CHANNEL = 'truehop.allowlist.decision'
/** Lists were replaced at run time: `{ name, allow, deny }`, the last two as sizes. */
export const REPLACED_CHANNEL = 'truehop.allowlist.replaced'
/** A shared entry came or went, on this instance or another: `EntryChangedMessage`. */
export const CHANGED_CHANNEL = 'truehop.allowlist.changed'
/** Shared entries were read whole: `EntriesLoadedMessage`. */
export const LOADED_CHANNEL = 'truehop.allowlist.loaded'

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

export interface EntryChangedMessage {
  /** Of the shared entries. */
  readonly name: string
  readonly change: 'add' | 'remove'
  readonly entry: string
  /** Who made the change, and why. */
  readonly by: string
  readonly note: string | undefined
  /** When an added entry expires, as ISO 8601; undefined for one that stays. */
  readonly expires: string | undefined
}

export interface EntriesLoadedMessage {
  readonly name: string
  readonly size: number
  /** Of the last change in them. */
  readonly version: number
}

const decisions = channel(DECISION_CHANNEL)
const changes = channel(CHANGED_CHANNEL)
const loads = channel(LOADED_CHANNEL)
const replacements = channel(REPLACED_CHANNEL)

export function publishDecision(decision: Decision, request: object): void {
  if (!decisions.hasSubscribers) return
  const message: DecisionMessage = { decision, request }
  decisions.publish(message)
}

export function publishReplaced(message: ReplacedMessage): void {
  if (replacements.hasSubscribers) replacements.publish(message)
}

export function publishChanged(name: string, change: 'add' | 'remove', held: HeldEntry): void {
  if (!changes.hasSubscribers) return
  const { entry, by, note, expires: time } = described(held)
  const expires = time === undefined ? undefined : new Date(time).toISOString()
  changes.publish({ name, change, entry, by, note, expires } satisfies EntryChangedMessage)
}

export function publishLoaded(message: EntriesLoadedMessage): void {
  if (loads.hasSubscribers) loads.publish(message)
}
