import { type Server, Socket } from 'node:net'
import { type Address, parseAddress } from '@truehop/ip'
import type { DecodeOptions } from '../wire/index.js'
import type { AcceptSettings } from './accept-options.js'
import { ACCEPTED, type AcceptedMessage, REFUSED, type RefusedMessage } from './channels.js'
import { ConnectionGate } from './connection-gate.js'
import { type AcceptCounters, Counters } from './counters.js'
import { type ConnectionEvidence, readEvidence, storeEvidence } from './evidence.js'
import { EvidenceRelay } from './evidence-relay.js'
import { startsLikeProxyHeader } from './first-bytes.js'
import { HandOver } from './hand-over.js'
import { markHandedOn, pastOf } from './handed-on.js'
import { harmless } from './harmless.js'
import { HeaderReader } from './header-reader.js'
import { PendingConnection, type PendingOwner } from './pending-connection.js'
import { PendingSet } from './pending-set.js'
import { type Ends, endsOf, type Refusal, type RefusalReason, refusal } from './refusal.js'
import { Strangers } from './strangers.js'

/**
 * Decides about each connection a server accepts, and counts the outcomes.
 *
 *     accepted ─┬─ in `from` ────────── header in ──────────┐
 *               ├─ in `healthCheckFrom` ────────────────────┼─> the server's own listeners
 *               ├─ neither, direct: 'accept' ───────────────┘
 *               └─ neither, direct: 'reject' ─> refused
 */
export class Acceptor implements PendingOwner {
  #server: Server
  #settings: AcceptSettings
  #limit: DecodeOptions
  #tell: ((refusal: Refusal) => void) | undefined
  #counters = new Counters()
  #pending: PendingSet
  #gate: ConnectionGate
  #handOver: HandOver
  #relay: EvidenceRelay
  #strangers: Strangers
  /** False while sockets were only injected: a server that does not listen then means nothing. */
  #hasListened = false

  constructor(server: Server, settings: AcceptSettings) {
    this.#server = server
    this.#settings = settings
    this.#tell = settings.onRefused && harmless(settings.onRefused)
    const { maxHeaderBytes, crc32c, mixedFamilies } = settings
    this.#limit = { maxHeaderBytes, crc32c, mixedFamilies }
    const isOpen = (): boolean => !this.#hasListened || server.listening
    this.#pending = new PendingSet(settings, isOpen)
    this.#strangers = new Strangers(isOpen, (ends, bytes) => {
      this.#report('untrusted-peer', ends, bytes)
    })
    const relay = new EvidenceRelay(server)
    this.#relay = relay
    this.#gate = new ConnectionGate(
      server,
      (socket) => this.#accept(socket),
      (listener, socket) => relay.serverFor(listener, socket),
    )
    this.#handOver = new HandOver(server, (socket) => this.#gate.letThrough(socket))
    server.on('close', this.#onServerClose)
  }

  get counters(): AcceptCounters {
    return this.#counters.snapshot(this.#pending.size, this.#settings.name)
  }

  /** Ends waiting connections, and gives the server its listeners back. Once only. */
  close(): void {
    this.#server.removeListener('close', this.#onServerClose)
    this.#onServerClose()
    this.#relay.remove()
    this.#handOver.remove()
    this.#gate.remove()
  }

  #onServerClose = (): void => {
    this.#hasListened = false
    this.#pending.clear()
    this.#strangers.clear()
  }

  #accept(socket: Socket): void {
    this.#hasListened ||= this.#server.listening
    const { state, evidence } = pastOf(socket)
    if (state === 'vouched') this.#letThrough(socket, evidence)
    else if (state === 'read') this.#turnReadAway(socket, evidence)
    else this.#judge(socket, evidence)
  }

  #judge(socket: Socket, evidence: ConnectionEvidence): void {
    const peer = peerOf(evidence)
    const isExpected = peer !== undefined && this.#settings.from.has(peer)
    const isChecker = peer !== undefined && this.#settings.healthCheckFrom?.has(peer) === true
    // Reset before it was accepted, as by some health checkers: there is no peer to decide about.
    if (peer === undefined && socket instanceof Socket) this.#dropProbe(socket)
    else if (isExpected && this.#hasHeaders(evidence)) this.#letThrough(socket, evidence)
    else if (isExpected) this.#await(socket, evidence, isChecker || this.#settings.optional)
    else if (isChecker || this.#settings.direct === 'accept') this.#passDirect(socket, evidence)
    else this.#turnStrangerAway(socket, evidence)
  }

  /** Whether another receiver has read the headers that this one would have read. */
  #hasHeaders({ headers }: ConnectionEvidence): boolean {
    const { maxHeaders, versions } = this.#settings
    return (
      headers.length > 0 &&
      headers.length <= maxHeaders &&
      headers.every(({ version }) => versions.includes(version))
    )
  }

  #turnReadAway(socket: Socket, evidence: ConnectionEvidence): void {
    if (this.#settings.direct === 'accept') this.#passDirect(socket, evidence)
    else this.#turnAway(socket, readEvidence(socket), 'untrusted-peer', READ_BEFORE)
  }

  /**
   * If anything listens for refusals, a stranger's first bytes are worth a look: it may be a proxy.
   */
  #turnStrangerAway(socket: Socket, evidence: ConnectionEvidence): void {
    if (this.#hasAudience() && this.#strangers.observe(socket, evidence)) return
    this.#turnAway(socket, evidence, 'untrusted-peer')
  }

  #await(socket: Socket, evidence: ConnectionEvidence, mayOmit: boolean): void {
    const peer = String(evidence.peer)
    const exceeded = this.#pending.exceeds(peer)
    if (exceeded !== undefined) {
      this.#turnAway(socket, evidence, 'too-many-pending', exceeded)
      return
    }
    const reader = new HeaderReader(this.#settings, this.#limit, mayOmit)
    const connection = new PendingConnection(socket, reader, evidence, performance.now(), this)
    this.#pending.add(connection, peer)
    connection.start()
  }

  #passDirect(socket: Socket, evidence: ConnectionEvidence): void {
    this.#counters.direct++
    this.#letThrough(socket, evidence)
  }

  #letThrough(socket: Socket, evidence: ConnectionEvidence): void {
    storeEvidence(socket, evidence)
    if (socket instanceof Socket) markHandedOn(socket)
    this.#handOver.give(socket)
  }

  #dropProbe(socket: Socket): void {
    this.#counters.probes++
    socket.on('error', ignore)
    socket.destroy()
  }

  #turnAway(
    socket: Socket,
    evidence: ConnectionEvidence,
    reason: RefusalReason,
    detail?: string,
  ): void {
    const ends = endsOf(socket, evidence)
    socket.on('error', ignore)
    socket.destroy()
    this.#report(reason, ends, NOTHING, detail)
  }

  arrived(connection: PendingConnection, payload: Buffer): void {
    const { accepted, reader } = connection
    this.#pending.delete(connection, String(accepted.peer))
    if (reader.headers.length === 0) this.#passDirect(connection.socket, accepted)
    else this.#passWithHeaders(connection, payload)
  }

  #passWithHeaders({ socket, since, accepted, reader }: PendingConnection, payload: Buffer): void {
    const evidence = { ...accepted, headers: reader.headers }
    const headerInPayload = startsLikeProxyHeader(payload)
    this.#counters.accept(evidence.headers)
    if (headerInPayload) this.#counters.headerInPayload++
    if (ACCEPTED.hasSubscribers) {
      ACCEPTED.publish({
        server: this.#server,
        ...listenerOf(this.#settings),
        socket,
        evidence,
        waited: performance.now() - since,
        headerInPayload,
      } satisfies AcceptedMessage)
    }
    this.#letThrough(socket, evidence)
  }

  refused(
    connection: PendingConnection,
    reason: RefusalReason,
    ends: Ends,
    bytes: Uint8Array,
    detail?: string,
  ): void {
    this.#pending.delete(connection, String(ends.peer))
    this.#report(reason, ends, bytes, detail)
  }

  probed(connection: PendingConnection): void {
    this.#pending.delete(connection, String(connection.accepted.peer))
    this.#counters.probes++
  }

  #report(reason: RefusalReason, ends: Ends, bytes: Uint8Array, detail?: string): void {
    this.#counters.refuse(reason)
    if (!this.#hasAudience()) return
    const known = withServerAddress(ends, this.#server)
    const info = refusal(reason, known, bytes, detail, this.#settings.name)
    const message: RefusedMessage = { server: this.#server, refusal: info }
    REFUSED.publish(message)
    this.#tell?.(info)
  }

  #hasAudience(): boolean {
    return this.#tell !== undefined || REFUSED.hasSubscribers
  }
}

const NOTHING = new Uint8Array(0)
const READ_BEFORE = 'its first bytes have been read already'

/** The peer to look for in a set; undefined if the connection does not say. */
function peerOf({ peer }: ConnectionEvidence): Address | 'unix' | undefined {
  return peer === undefined || peer === 'unix' ? peer : parseAddress(peer)
}

function listenerOf({ name }: AcceptSettings): Pick<AcceptedMessage, 'listener'> {
  return name === undefined ? {} : { listener: name }
}

/** A connection that has ended no longer knows which of the server's addresses it came to. */
function withServerAddress(ends: Ends, server: Server): Ends {
  const bound = server.address()
  if (ends.localPort !== undefined || bound === null || typeof bound === 'string') return ends
  return { ...ends, localAddress: bound.address, localPort: bound.port }
}

function ignore(): void {}
