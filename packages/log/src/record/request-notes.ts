import { subscribe } from 'node:diagnostics_channel'
import { type DecisionNote, PASSED } from './exchange.js'
import { remembering } from './remembering.js'

/**
 * Which packages publish decisions, and where. Known by name: this package imports none of them.
 */
const DECISIONS = {
  'truehop.allowlist.decision': 'allowlist',
  'truehop.rate_limit.decision': 'rate_limit',
} as const

/** The channels that report anomalies of an identity. */
const ANOMALIES = {
  'truehop.identity.untrusted_claim': (message: object) => [`untrusted-claim:${sourceOf(message)}`],
  'truehop.identity.chain_length': () => ['chain-length'],
} as const

/** Anomalies kept for one request; if there are more, the later ones are lost. */
const MAX_ANOMALIES = 16

type Decider = (typeof DECISIONS)[keyof typeof DECISIONS]

const DECIDERS = Object.values(DECISIONS)

/** Of each kind, the decision about a request that its record tells. */
type Decided = { [By in Decider]: object | undefined }

/** The notes of decisions that let a request pass. */
const PASSED_BY: Readonly<Record<Decider, DecisionNote>> = {
  allowlist: { by: 'allowlist', facts: PASSED },
  rate_limit: { by: 'rate_limit', facts: PASSED },
}

/**
 * Where a request carries what was published about it: it goes with the request, and needs no weak
 * map.
 */
const DECIDED = Symbol('truehop.log.decisions')
const ANOMALOUS = Symbol('truehop.log.anomalies')

interface Noted {
  [DECIDED]?: Decided
  [ANOMALOUS]?: string[]
}

/** What the name of an anomaly that is a contradiction begins with. */
const CONFLICT = 'conflict:'
const NONE: readonly never[] = Object.freeze([])
const heard = new Set<string>()

/** From now on, what is published about a request is kept until the request is gone. */
export function collectNotes(): void {
  for (const [channel, by] of Object.entries(DECISIONS)) {
    listen(channel, (message) => keepDecision(by, message))
  }
  for (const [channel, read] of Object.entries(ANOMALIES)) {
    listen(channel, (message) => keepAnomalies(message, read))
  }
}

/** Contradictions as well, which are looked for only while there is a subscriber. */
export function collectConflicts(): void {
  listen('truehop.identity.conflict', (message) => keepAnomalies(message, conflictsIn))
}

/**
 * What was decided about a request, by Node's own request object: one note for each that decided.
 * Without `details`, all that is said of a decision that let the request pass is that it did.
 */
export function decisionsOf(request: object, details: boolean): readonly DecisionNote[] {
  const decided = (request as Noted)[DECIDED]
  if (decided === undefined) return NONE
  const notes: DecisionNote[] = []
  for (const by of DECIDERS) {
    const decision = decided[by]
    if (decision !== undefined) notes.push(noteOf(by, decision, details))
  }
  return notes
}

/**
 * The anomalies published about a request, by Node's own request object. Contradictions only on
 * demand: all logs of a process get them as soon as one of them wants them.
 */
export function anomaliesOf(request: object, conflicts: boolean): readonly string[] {
  const told = (request as Noted)[ANOMALOUS]
  if (told === undefined) return NONE
  return conflicts ? told : told.filter((anomaly) => !anomaly.startsWith(CONFLICT))
}

function noteOf(by: Decider, decision: object, details: boolean): DecisionNote {
  const saysAllowed = !details && hasPassed(decision)
  return saysAllowed ? PASSED_BY[by] : { by, facts: plainValues(decision) }
}

/**
 * True where nothing happened to the request that `allowed` does not say: it was let through, at
 * once, by what should decide it.
 */
function hasPassed({ allowed, delay = 0, by, reason }: Partial<Record<string, unknown>>): boolean {
  return allowed === true && delay === 0 && by !== 'local' && reason !== 'store-error'
}

function listen(channel: string, listener: (message: object) => void): void {
  if (heard.has(channel)) return
  heard.add(channel)
  subscribe(channel, (message) => {
    if (isObject(message)) listener(message)
  })
}

/**
 * Of several decisions of one kind, the first that did not simply let the request pass, otherwise
 * the last: a request that one list would deny is not shown as one that another allows.
 */
function keepDecision(by: Decider, message: Partial<Record<string, unknown>>): void {
  const { request, decision } = message
  if (!isObject(request) || !isObject(decision)) return
  const noted: Noted = request
  noted[DECIDED] ??= { allowlist: undefined, rate_limit: undefined }
  const before = noted[DECIDED][by]
  if (before === undefined || hasPassed(before)) noted[DECIDED][by] = decision
}

function keepAnomalies(message: object, read: (message: object) => readonly string[]): void {
  const request: unknown = Reflect.get(message, 'request')
  if (!isObject(request)) return
  const noted: Noted = request
  noted[ANOMALOUS] ??= []
  noted[ANOMALOUS].push(...read(message).slice(0, MAX_ANOMALIES - noted[ANOMALOUS].length))
}

/** The evidence that contradicts, without what it says, which would be an address. */
function conflictsIn(message: object): string[] {
  const conflicts: unknown = Reflect.get(message, 'conflicts')
  if (!Array.isArray(conflicts)) return []
  return conflicts.filter(isObject).map((conflict) => `${CONFLICT}${sourceOf(conflict)}`)
}

function sourceOf(message: object): string {
  return String(Reflect.get(message, 'source'))
}

/** The client is in the record already, and only plain values belong there. */
function plainValues(decision: object): Record<string, string | number | boolean> {
  const facts: Record<string, string | number | boolean> = {}
  for (const name of Object.keys(decision)) {
    const value: unknown = Reflect.get(decision, name)
    if (name !== 'client' && isPlain(value)) facts[snakeCase(name)] = value
  }
  return facts
}

/** As the names of both field sets are written. */
const snakeCase = remembering((name) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
)

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
