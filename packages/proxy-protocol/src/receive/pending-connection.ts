import type { Socket } from 'node:net'
import type { ConnectionEvidence } from './evidence.js'
import type { HeaderProgress, OpeningReader } from './header-reader.js'
import { absentReason, type Ends, endsOf, malformedReason, type RefusalReason } from './refusal.js'

/** Receives how the wait for a header ended. Exactly one call for each connection. */
export interface PendingOwner {
  /** The headers are complete; `payload` is what came after them so far. */
  arrived(connection: PendingConnection, payload: Buffer): void
  refused(
    connection: PendingConnection,
    reason: RefusalReason,
    ends: Ends,
    bytes: Uint8Array,
    detail?: string,
  ): void
  /** Opened and ended without a byte. */
  probed(connection: PendingConnection): void
}

/**
 * A connection whose header is not complete yet.
 *
 * Read with `readable` and `read()`; nothing is ever written, so a server-first protocol says
 * nothing before the header. When it is complete, the payload goes back into the socket and, a tick
 * later, the socket is as it was when accepted: no listener of ours, neither flowing nor paused.
 */
export class PendingConnection {
  readonly socket: Socket
  readonly reader: OpeningReader
  /** Who connected. */
  readonly accepted: ConnectionEvidence
  /** `performance.now()` when the connection was accepted. */
  readonly since: number
  /** Its neighbours in a PendingSet. */
  older: PendingConnection | undefined
  newer: PendingConnection | undefined
  #owner: PendingOwner
  #wasPaused: boolean
  readonly #wasRead: boolean
  #plugged = false
  #isIn = false
  #settled = false

  constructor(
    socket: Socket,
    reader: OpeningReader,
    accepted: ConnectionEvidence,
    since: number,
    owner: PendingOwner,
  ) {
    this.socket = socket
    this.reader = reader
    this.accepted = accepted
    this.since = since
    this.#owner = owner
    this.#wasPaused = socket.isPaused()
    this.#wasRead = socket.bytesRead > 0
  }

  start(): void {
    this.socket.on('error', ignore)
    this.socket.on('end', this.#onEnd)
    this.socket.on('close', this.#onClose)
    this.socket.on('resume', this.#onResume)
    this.socket.on('readable', this.#onReadable)
  }

  /** Ends the connection. Late errors still find their listener. */
  refuse(reason: RefusalReason, bytes: Uint8Array = this.reader.held, detail?: string): void {
    if (this.#settled) return
    this.#settled = true
    this.socket.removeListener('readable', this.#onReadable)
    const ends = endsOf(this.socket, this.accepted)
    this.socket.destroy()
    this.#owner.refused(this, reason, ends, bytes, detail)
  }

  #onReadable = (): void => {
    if (this.#isIn) return
    const chunk: Buffer | null = this.socket.read()
    if (chunk !== null) this.#proceed(this.reader.push(chunk))
  }

  #proceed(progress: HeaderProgress): void {
    switch (progress.state) {
      case 'more':
        break
      case 'done':
        this.#putBack(progress.bytes, progress.payloadAt)
        break
      case 'absent':
        this.refuse(absentReason(progress.bytes), progress.bytes)
        break
      case 'unaccepted':
        this.refuse('version-not-accepted', progress.bytes, String(progress.version))
        break
      case 'malformed':
        this.refuse(malformedReason(progress.fault), progress.bytes, progress.fault.message)
    }
  }

  /**
   * Puts the payload back, takes the `readable` listener away and waits one tick, in which the
   * stream forgets that it had one (it would stay paused otherwise). If there is no payload yet, a
   * byte of the header goes back instead: in a socket whose end has been read already, such as one
   * that was injected late, `end` must not come before the server listens for it.
   */
  #putBack(bytes: Buffer, payloadAt: number): void {
    const payload = bytes.subarray(payloadAt)
    this.#plugged = payload.length === 0
    this.#isIn = true
    this.socket.unshift(this.#plugged ? bytes.subarray(payloadAt - 1) : payload)
    process.nextTick(this.#stopReading, payload)
  }

  /**
   * A tick later: code that injects a socket usually resumes it on the next tick, and it would flow
   * to nobody as soon as the listener is gone, before the server has it.
   */
  #stopReading = (payload: Buffer): void => {
    this.socket.removeListener('readable', this.#onReadable)
    process.nextTick(this.#handOver, payload)
  }

  #handOver = (payload: Buffer): void => {
    const { socket } = this
    // Ended in between: the `close` listener reports it.
    if (this.#settled || socket.destroyed) return
    this.#settled = true
    socket.removeListener('end', this.#onEnd)
    socket.removeListener('close', this.#onClose)
    socket.removeListener('resume', this.#onResume)
    if (this.#plugged) socket.read(1)
    if (this.#isPaused()) leavePaused(socket)
    else this.#leaveReading()
    this.#owner.arrived(this, payload)
  }

  /**
   * The empty read is what the socket itself does when it learns of its end: `end` on a later tick.
   */
  #leaveReading(): void {
    this.socket.removeListener('error', ignore)
    if (this.#plugged) this.socket.read(0)
  }

  /**
   * Whether the socket is to be left paused. A stream that had a `readable` listener before says it
   * is paused until it has forgotten the listener, though nobody paused it.
   */
  #isPaused(): boolean {
    return this.#wasPaused && (!this.#wasRead || this.socket.isPaused())
  }

  /**
   * By the code that injected it: `server.emit('connection', socket)`, and `socket.resume()` a tick
   * later.
   */
  #onResume = (): void => {
    this.#wasPaused = false
  }

  #onEnd = (): void => {
    this.socket.destroy()
  }

  #onClose = (): void => {
    if (this.#settled) return
    const { held, headers } = this.reader
    if (held.length > 0 || headers.length > 0) {
      this.refuse(this.socket.errored === null ? 'closed' : 'reset')
      return
    }
    this.#settled = true
    this.#owner.probed(this)
  }
}

/**
 * As with `pauseOnConnect`: what came stays in the socket, its end too, until it is resumed. Unlike
 * a socket that has never read, this one notices a reset meanwhile, when there may be no listener
 * for it yet, and an `error` without a listener ends the process.
 */
function leavePaused(socket: Socket): void {
  socket.pause()
  socket.once('resume', () => socket.removeListener('error', ignore))
}

function ignore(): void {}
