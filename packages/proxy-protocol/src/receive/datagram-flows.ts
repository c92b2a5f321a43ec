import { parseAddress } from '@truehop/ip'
import { type FieldsOf, integer, readOptions } from '@truehop/options'
import { decodeDatagram, type ProxyHeader } from '../wire/index.js'
import { ACCEPT_FIELDS } from './accept-fields.js'
import type { AcceptOptions, PeerMembership } from './accept-options.js'
import { refused } from './read-accept-options.js'

export interface DatagramFlowsOptions {
  /** Relays whose headers are believed: prefixes, addresses, range names, or an object with `has`. */
  readonly from: AcceptOptions['from']
  /**
   * Milliseconds without a datagram after which a flow is forgotten; 45,000 by default. Must be
   * longer than the relay keeps an idle flow: a client whose flow is forgotten here, and not there,
   * can write the next header itself. Spectrum is seen to keep one for 30 seconds.
   */
  readonly idleTimeout?: number | undefined
  /** Flows at a time; 10,000 by default. New ones are refused beyond that. */
  readonly maxFlows?: number | undefined
}

/** Who sent a datagram, as `dgram` says it. */
export interface DatagramSender {
  readonly address: string
  readonly port: number
}

/** Why a datagram is not to be used. */
export type DatagramRefusal =
  /** Its sender is not in `from`. */
  | 'untrusted-peer'
  /** No header, and no flow that had one: the first datagram was lost, or the flow is forgotten. */
  | 'unknown-flow'
  /** Begins with a header that cannot be read. */
  | 'malformed'
  /**
   * Another header within a flow. Its client may have written it, or the relay begins a new flow on
   * an old port: nothing is believed of that sender until it has been silent for `idleTimeout`.
   */
  | 'another-header'
  /** There are `maxFlows` already. */
  | 'too-many-flows'

/** A datagram with the header of its flow, or why it is not to be used. */
export type FlowDatagram =
  | {
      readonly status: 'complete'
      /** The client; undefined where the relay speaks for itself (LOCAL), or names no address. */
      readonly source: DatagramSender | undefined
      /** Of the flow's first datagram. */
      readonly header: ProxyHeader
      /** What the client sent; empty where a datagram holds the header alone. */
      readonly payload: Uint8Array
    }
  | { readonly status: 'refused'; readonly reason: DatagramRefusal }

interface Flow {
  readonly header: ProxyHeader
  /** Its bytes: a header that comes once more, or on each datagram, is the same. */
  readonly bytes: Buffer
  /** Milliseconds on the clock of `now`. */
  seen: number
  isDisputed: boolean
}

/** A longer header would not leave room for a payload in most networks. */
const LIMITS = { maxHeaderBytes: 1024 }

const CODE = 'bad-accept-option'
const FIELDS = {
  from: ACCEPT_FIELDS.from,
  idleTimeout: integer({
    says: 'Silence after which a flow is forgotten; longer than the relay keeps it.',
    least: 1000,
    most: 86_400_000,
    unit: 'ms',
    default: 45_000,
    code: CODE,
  }),
  maxFlows: integer({
    says: 'Maximum number of flows at a time.',
    least: 1,
    most: 1_000_000,
    default: 10_000,
    code: CODE,
  }),
} satisfies FieldsOf<DatagramFlowsOptions>

/**
 * Reads UDP datagrams of a relay that names the client in the first datagram of a flow only, as
 * Cloudflare Spectrum does with version 2; a flow is the address and port that the relay sends from.
 * Relays that put a header in front of each datagram, and share a port among clients, need
 * `decodeDatagram`.
 *
 *     relay:51000  [header of A][payload]  -> A
 *     relay:51000  [payload]               -> A
 *     relay:51000  [header of B][payload]  -> refused: A may have written it
 *     relay:51001  [payload]               -> refused: nobody is known to send it
 *
 * What can be forged: whoever can send from a relay's address. Let only the relay reach the port, by
 * the network. And where the first datagram of a flow is lost on the way to here, its client's second
 * one is the first: it can begin with a header of its own. So an address from here is good for logs
 * and limits, and proves less than a header on each datagram.
 *
 * Memory is bounded by `maxFlows`, a KiB and a header each; each datagram takes constant time.
 */
export class DatagramFlows {
  readonly #from: PeerMembership
  readonly #idleTimeout: number
  readonly #maxFlows: number
  readonly #now: () => number
  /** By sender, the one silent for longest first. */
  readonly #flows = new Map<string, Flow>()
  readonly #refused: Partial<Record<DatagramRefusal, number>> = {}

  /**
   * `now`: a clock in milliseconds that never goes back.
   *
   * @throws {AcceptError} `bad-accept-option`
   */
  constructor(options: DatagramFlowsOptions, now: () => number = () => performance.now()) {
    const { from, idleTimeout, maxFlows } = readOptions(FIELDS, options, refused, EXAMPLE)
    this.#from = from
    this.#idleTimeout = idleTimeout
    this.#maxFlows = maxFlows
    this.#now = now
  }

  /** Flows that are remembered now. */
  get size(): number {
    this.#forgetSilent(this.#now())
    return this.#flows.size
  }

  /** Datagrams refused, by reason; reasons that never occurred are absent. */
  get refused(): Readonly<Partial<Record<DatagramRefusal, number>>> {
    return { ...this.#refused }
  }

  /** Reads a message of a `dgram` socket. Never throws on what came. */
  read(message: Uint8Array, sender: DatagramSender): FlowDatagram {
    const peer = parseAddress(sender.address)
    if (peer === undefined || !this.#from.has(peer)) return this.#refuse('untrusted-peer')
    const now = this.#now()
    this.#forgetSilent(now)
    const key = `${peer.text} ${sender.port}`
    const flow = this.#flows.get(key)
    return flow === undefined ? this.#begin(key, message, now) : this.#goOn(key, flow, message, now)
  }

  #begin(key: string, message: Uint8Array, now: number): FlowDatagram {
    const result = decodeDatagram(message, LIMITS)
    if (result.status === 'absent') return this.#refuse('unknown-flow')
    if (result.status === 'malformed') return this.#refuse('malformed')
    // Never one for another: a client whose live flow is forgotten could write the next header.
    if (this.#flows.size >= this.#maxFlows) return this.#refuse('too-many-flows')
    const { payload, byteLength } = result
    // Of a copy, so that a flow keeps no more than its header of the message.
    const bytes = Buffer.from(message.subarray(0, byteLength))
    const copied = decodeDatagram(bytes, LIMITS)
    const header = copied.status === 'complete' ? copied.header : result.header
    this.#flows.set(key, { header, bytes, seen: now, isDisputed: false })
    return complete(header, payload)
  }

  #goOn(key: string, flow: Flow, message: Uint8Array, now: number): FlowDatagram {
    flow.seen = now
    this.#flows.delete(key)
    this.#flows.set(key, flow)
    const result = decodeDatagram(message, LIMITS)
    const isSame = startsWith(message, flow.bytes)
    if (!isSame && result.status !== 'absent') flow.isDisputed = true
    if (flow.isDisputed) return this.#refuse('another-header')
    return complete(flow.header, result.status === 'complete' ? result.payload : message)
  }

  #forgetSilent(now: number): void {
    for (const [key, { seen }] of this.#flows) {
      if (now - seen < this.#idleTimeout) return
      this.#flows.delete(key)
    }
  }

  #refuse(reason: DatagramRefusal): FlowDatagram {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
    return { status: 'refused', reason }
  }
}

const EXAMPLE = { says: '', hint: "write { from: ['173.245.48.0/20'] }" } as const

function complete(header: ProxyHeader, payload: Uint8Array): FlowDatagram {
  const end = header.source
  const source = end !== undefined && 'address' in end ? end : undefined
  return { status: 'complete', source, header, payload }
}

function startsWith(message: Uint8Array, bytes: Buffer): boolean {
  return message.length >= bytes.length && bytes.equals(message.subarray(0, bytes.length))
}
