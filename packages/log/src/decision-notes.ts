import { subscribe } from 'node:diagnostics_channel'
import type { DecisionNote } from './exchange.js'

/** Who tells decisions, and where. Known by name: this package knows none of them. */
const TELLERS = {
  'truehop.allowlist.decision': 'allowlist',
  'truehop.rate-limit.decision': 'rate_limit',
} as const

/** Decisions kept for one request; an application that asks more often loses the later ones. */
const MAX_NOTES = 16

const notes = new WeakMap<object, DecisionNote[]>()
let listening = false

/** From now on, decisions about requests are kept until the request is gone. */
export function collectDecisions(): void {
  if (listening) return
  listening = true
  for (const [channel, by] of Object.entries(TELLERS)) {
    subscribe(channel, (message) => keep(by, message))
  }
}

/** The decisions told about a request, by Node's own request object, in their order. */
export function decisionsOf(request: object): readonly DecisionNote[] {
  return notes.get(request) ?? []
}

function keep(by: string, message: unknown): void {
  if (!isDecisionMessage(message)) return
  const kept = notes.get(message.request) ?? []
  if (kept.length >= MAX_NOTES) return
  kept.push({ by, facts: plainValues(message.decision) })
  notes.set(message.request, kept)
}

function isDecisionMessage(message: unknown): message is { request: object; decision: object } {
  if (typeof message !== 'object' || message === null) return false
  if (!('request' in message && 'decision' in message)) return false
  const { request, decision } = message
  return typeof request === 'object' && request !== null && isObject(decision)
}

/** The client is in the record already, and what is no plain value has no place in one. */
function plainValues(decision: object): Record<string, string | number | boolean> {
  const facts: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(decision)) {
    if (name !== 'client' && isPlain(value)) facts[name] = value
  }
  return facts
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
