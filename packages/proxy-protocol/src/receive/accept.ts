import { Server, Socket } from 'node:net'
import { type Address, parseAddress } from '@truehop/ip'
import type { DecodeOptions } from '../wire/index.js'
import { AcceptError } from './accept-error.js'
import { type AcceptOptions, type AcceptSettings, acceptSettings } from './accept-options.js'
import { ACCEPTED, type AcceptedMessage, REFUSED, type RefusedMessage } from './channels.js'
import { ConnectionGate } from './connection-gate.js'
import { type AcceptCounters, Counters } from './counters.js'
import { type ConnectionEvidence, readEvidence } from './evidence.js'
import { EvidenceRelay } from './evidence-relay.js'
import { startsLikeProxyHeader } from './first-bytes.js'
import { harmless } from './harmless.js'
import { HeaderReader } from './header-reader.js'
import { PendingConnection, type PendingOwner } from './pending-connection.js'
import { PendingSet } from './pending-set.js'
import { type Ends, endsOf, type Refusal, type RefusalReason, refusal } from './refusal.js'

/** What `acceptProxyProtocol` returns. */
export interface ProxyProtocolHandle {
  /** The counts at this moment. */
  readonly counters: AcceptCounters
  /**
   * Stops expecting headers: ends the connections still waiting for theirs, and gives the server its
   * `connection` listeners back. Connections already given to the server are left alone.
   */
  close(): void
}

/** One acceptor on a server at a time, also across two copies of this package. */
const ACCEPTOR: unique symbol = Symbol.for('truehop.proxy_protocol.acceptor') as never

/**
 * Makes a `net`, `tls`, `http`, `https` or `http2` server, listening or not yet, expect PROXY
 * protocol headers from the peers in `options.from`. The header stands before anything else, TLS
 * included (section 2).
 *
 * The server sees a connection when its header is in, as if it had just been accepted: its own
 * timeouts start then, and `proxyEvidence` of the socket or of its requests gives the headers.
 * Connections without a valid header are ended and counted; see `RefusalReason`. No byte is
 * written to a peer before its header is in.
 *
 * @throws {AcceptError} for bad options, for something that is no server, or for a server that
 * has an acceptor already. Nothing throws after that.
 */
export function acceptProxyProtocol(server: Server, options: AcceptOptions): ProxyProtocolHandle {
  checkServer(server)
  const settings = acceptSettings(options)
  const acceptor = new Acceptor(server, settings)
  Object.defineProperty(server, ACCEPTOR, { value: acceptor, configurable: true })
  return acceptor
}

function checkServer(server: unknown): asserts server is Server {
  if (!(server instanceof Server)) {
    throw new AcceptError(
      'bad-server',
      'the first argument must be a server of node:net, tls, http, https or http2: for Express what app.listen() returns, for Fastify app.server',
    )
  }
  if (ACCEPTOR in server) {
    throw new AcceptError(
      'already-accepting',
      'this server accepts PROXY headers already: call close() on the first handle, or give both sets of peers to one call',
    )
  }
}

class Acceptor implements ProxyProtocolHandle, PendingOwner {
  #server: Server
  #settings: AcceptSettings
  #limit: DecodeOptions
  #tell: ((refusal: Refusal) => void) | undefined
  #counters = new Counters()
  #pending: PendingSet
  #gate: ConnectionGate
  #relay: EvidenceRelay
  /** Those the server was listening for; others were injected and say nothing about its state. */
  #hasListened = false

  constructor(server: Server, settings: AcceptSettings) {
    this.#server = server
    this.#settings = settings
    this.#tell = settings.onRefused && harmless(settings.onRefused)
    this.#limit = { maxHeaderBytes: settings.maxHeaderBytes }
    this.#pending = new PendingSet(settings, () => !this.#hasListened || server.listening)
    this.#gate = new ConnectionGate(server, (socket) => this.#accept(socket))
    this.#relay = new EvidenceRelay(server)
    server.on('close', this.#onServerClose)
  }

  get counters(): AcceptCounters {
    return this.#counters.snapshot(this.#pending.size)
  }

  close(): void {
    if (Reflect.get(this.#server, ACCEPTOR) !== this) return
    Reflect.deleteProperty(this.#server, ACCEPTOR)
    this.#server.removeListener('close', this.#onServerClose)
    this.#pending.clear()
    this.#relay.remove()
    this.#gate.remove()
  }

  #onServerClose = (): void => {
    this.#hasListened = false
    this.#pending.clear()
  }

  #accept(socket: Socket): void {
    this.#hasListened ||= this.#server.listening
    const evidence = readEvidence(socket)
    const peer = peerOf(evidence)
    const isExpected = peer !== undefined && this.#settings.from.has(peer)
    const isChecker = peer !== undefined && this.#settings.healthCheckFrom?.has(peer) === true
    // Reset before it was accepted, as some health checkers do: there is nobody to judge.
    if (peer === undefined && socket instanceof Socket) this.#dropProbe(socket)
    else if (isExpected) this.#await(socket, evidence, isChecker || this.#settings.optional)
    else if (isChecker || this.#settings.direct === 'accept') this.#passDirect(socket, evidence)
    else this.#turnAway(socket, evidence, 'untrusted-peer')
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
    this.#relay.run(evidence, this.#letThrough, socket)
  }

  #letThrough = (socket: Socket): void => {
    this.#gate.letThrough(socket)
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
    const { accepted, reader, socket } = connection
    this.#pending.delete(connection, String(accepted.peer))
    if (reader.headers.length === 0) this.#passDirect(socket, accepted)
    else this.#passWithHeaders(socket, { ...accepted, headers: reader.headers }, payload)
  }

  #passWithHeaders(socket: Socket, evidence: ConnectionEvidence, payload: Buffer): void {
    const headerInPayload = startsLikeProxyHeader(payload)
    this.#counters.accepted++
    if (evidence.headers.at(-1)?.command === 'LOCAL') this.#counters.local++
    if (headerInPayload) this.#counters.headerInPayload++
    if (ACCEPTED.hasSubscribers) {
      const message: AcceptedMessage = { server: this.#server, socket, evidence, headerInPayload }
      ACCEPTED.publish(message)
    }
    this.#relay.run(evidence, this.#letThrough, socket)
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
    if (this.#tell === undefined && !REFUSED.hasSubscribers) return
    const info = refusal(reason, withServerAddress(ends, this.#server), bytes, detail)
    const message: RefusedMessage = { server: this.#server, refusal: info }
    REFUSED.publish(message)
    this.#tell?.(info)
  }
}

const NOTHING = new Uint8Array(0)

/** The peer to look for in a set; undefined where the connection does not say. */
function peerOf({ peer }: ConnectionEvidence): Address | 'unix' | undefined {
  return peer === undefined || peer === 'unix' ? peer : parseAddress(peer)
}

/** A connection that has ended no longer tells which of the server's addresses it came to. */
function withServerAddress(ends: Ends, server: Server): Ends {
  const bound = server.address()
  if (ends.localPort !== undefined || bound === null || typeof bound === 'string') return ends
  return { ...ends, localAddress: bound.address, localPort: bound.port }
}

function ignore(): void {}
