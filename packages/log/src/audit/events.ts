import type { ClientIdentity } from '@truehop/identity'
import { Address } from '@truehop/ip'
import type { AddressPrivacy } from '../privacy/address-privacy.js'
import { printable } from '../privacy/printable.js'
import { clientFacts } from '../record/client-facts.js'
import { requestTarget } from '../record/request-target.js'
import type { Cause } from './rate-gate.js'

/** Something that was refused or changed, before it is written. */
export interface AuditEvent {
  /** `denied`, `limited`, … */
  readonly event: string
  readonly message: object
}

/** What a channel's message means for the trail; undefined for nothing. */
type Reading = (message: object) => string | undefined

/**
 * The diagnostics channels of truehop that report a refusal or a change. Known by name: the
 * packages that publish may or may not be loaded, and this one imports none of them.
 */
export const AUDIT_CHANNELS: Readonly<Record<string, Reading>> = Object.freeze({
  'truehop.identity.undetermined': () => 'undetermined',
  'truehop.allowlist.decision': denied,
  'truehop.allowlist.replaced': () => 'lists-replaced',
  'truehop.allowlist.changed': (message) =>
    member(message, 'change') === 'add' ? 'entry-added' : 'entry-removed',
  'truehop.allowlist.loaded': () => 'entries-loaded',
  'truehop.rate_limit.decision': limited,
  'truehop.proxy_protocol.refused': () => 'connection-refused',
  'truehop.inspector.action': () => 'operator-action',
  'truehop.policy.replaced': () => 'policy-replaced',
  'truehop.ranges.updated': () => 'ranges-updated',
  'truehop.ranges.failed': () => 'ranges-failed',
})

/** All that a trail hears of by itself. */
export const EVENTS: ReadonlySet<string> = new Set([
  'undetermined',
  'would-deny',
  'denied',
  'limited',
  'connection-refused',
  'policy-replaced',
  'lists-replaced',
  'entry-added',
  'entry-removed',
  'entries-loaded',
  'operator-action',
  'ranges-updated',
  'ranges-failed',
])

/** What an operator did, or a source that an operator configured. No client can cause these. */
const OPERATOR_EVENTS: ReadonlySet<string> = new Set([
  'policy-replaced',
  'lists-replaced',
  'ranges-updated',
  'ranges-failed',
])

/** An operator's action counts as one once it was let through: any site can have a browser ask. */
export function causeOf(event: string, message: object): Cause {
  const isLetThrough = event === 'operator-action' && member(message, 'outcome') !== 'refused'
  return isLetThrough || OPERATOR_EVENTS.has(event) ? 'operator' : 'client'
}

function denied(message: object): string | undefined {
  const decision = member(message, 'decision')
  if (decision === undefined || member(decision, 'allowed') !== false) return undefined
  return member(decision, 'enforced') === false ? 'would-deny' : 'denied'
}

function limited(message: object): string | undefined {
  const decision = member(message, 'decision')
  return decision !== undefined && member(decision, 'allowed') === false ? 'limited' : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Objects nested in a message that are read; deeper ones are left out. */
const MAX_DEPTH = 4
/** Members of one object, and entries of one list, that are read. */
const MAX_MEMBERS = 32
/** Bytes of a byte array that are read. */
const MAX_BYTES = 64

/**
 * The text of a JSON object for an event: when, what, who, which request, and the plain values of
 * the message. Addresses as `privacy` shows them, every string printable and bounded.
 */
export function eventJson({ event, message }: AuditEvent, privacy: AddressPrivacy): string {
  const { identity, request, decision, refusal, ...rest } = message as Message
  const { identity: decided, client: _, ...decisionFacts } = decision ?? {}
  const facing = identity ?? decided
  return JSON.stringify({
    time: new Date().toISOString(),
    event,
    ...(isIdentity(facing) ? whoIs(facing, privacy) : undefined),
    request: requestFacts(request),
    facts: plain({ ...decisionFacts, ...shownOf(refusal, privacy), ...rest }, privacy, MAX_DEPTH),
  })
}

/**
 * A refused connection. If addresses are hidden, without its port and its first bytes: ports are
 * shown with full addresses only, and the first bytes of a PROXY header contain the client's
 * address in a form that no search for addresses finds.
 */
function shownOf(refusal: Message['refusal'], { form }: AddressPrivacy): Message['refusal'] {
  if (refusal === undefined || form === 'full') return refusal
  const { peerPort: _, firstBytes: __, message: ___, ...shown } = refusal
  return shown
}

/** The members of messages that have a special written form. */
interface Message {
  readonly identity?: unknown
  readonly request?: unknown
  readonly decision?: Readonly<Record<string, unknown>>
  readonly refusal?: Readonly<Record<string, unknown>>
}

function whoIs(identity: ClientIdentity, privacy: AddressPrivacy): object {
  const { client, clientPort, peer, peerPort, status, source, reason, rule, lastTrustedHop } =
    clientFacts(identity, privacy)
  return {
    client,
    clientPort,
    peer,
    peerPort,
    identity: { status, source, reason, rule, lastTrustedHop },
  }
}

/** Method and path by Node's own request object. */
function requestFacts(request: unknown): object | undefined {
  const method = member(request, 'method')
  const url = member(request, 'originalUrl') ?? member(request, 'url')
  if (typeof method !== 'string' || typeof url !== 'string') return undefined
  return { method: printable(method), path: printable(requestTarget(url).path) }
}

function isIdentity(value: unknown): value is ClientIdentity {
  const status = member(value, 'status')
  return status === 'resolved' || status === 'undetermined'
}

/**
 * What JSON can represent of a value. For class instances, their name if they have one; undefined
 * for functions, sockets, servers and the like.
 */
function plain(value: unknown, privacy: AddressPrivacy, depth: number): unknown {
  if (typeof value === 'string') return printable(privacy.redact(value))
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof Address) return privacy.show(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value.subarray(0, MAX_BYTES)).toString('hex')
  if (typeof value !== 'object' || value === null || depth === 0) return undefined
  if (Array.isArray(value)) {
    return value.slice(0, MAX_MEMBERS).map((each) => plain(each, privacy, depth - 1) ?? null)
  }
  if (!isPlainObject(value)) return nameOf(value, privacy)
  const members = Object.entries(value).slice(0, MAX_MEMBERS)
  return Object.fromEntries(
    members.flatMap(([name, each]) => {
      const kept = plain(each, privacy, depth - 1)
      return kept === undefined ? [] : [[printable(privacy.redact(name)), kept]]
    }),
  )
}

function nameOf(value: object, privacy: AddressPrivacy): string | undefined {
  const name = member(value, 'name')
  return typeof name === 'string' ? printable(privacy.redact(name)) : undefined
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
