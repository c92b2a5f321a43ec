import type { Socket } from 'node:net'
import type { ConnectionEvidence } from './evidence.js'
import { NO_HEADERS } from './evidence.js'
import type { OpeningReader } from './header-reader.js'
import { PendingConnection, type PendingOwner } from './pending-connection.js'
import { PendingSet } from './pending-set.js'
import type { Ends, RefusalReason } from './refusal.js'

/**
 * How many strangers are watched at a time, and for how long in ms. All others are ended at once.
 */
const LIMITS = { timeout: 1000, maxPending: 16, maxPendingPerPeer: 4 }

/**
 * Connections of peers that are not in `from`, and are refused whatever they send. A few of them
 * are kept until their first bytes are there, for the sake of the log line: a PROXY header there
 * says that a proxy is missing from `from`, which is the most common mistake.
 */
export class Strangers implements PendingOwner {
  #pending: PendingSet
  #report: (ends: Ends, bytes: Uint8Array) => void

  constructor(isOpen: () => boolean, report: (ends: Ends, bytes: Uint8Array) => void) {
    this.#pending = new PendingSet(LIMITS, isOpen)
    this.#report = report
  }

  /** Keeps the connection for a moment, and then reports it; false if there is no room. */
  observe(socket: Socket, accepted: ConnectionEvidence): boolean {
    const peer = String(accepted.peer)
    if (this.#pending.exceeds(peer) !== undefined) return false
    const connection = new PendingConnection(socket, FIRST_CHUNK, accepted, performance.now(), this)
    this.#pending.add(connection, peer)
    connection.start()
    return true
  }

  clear(): void {
    this.#pending.clear()
  }

  refused(connection: PendingConnection, _: RefusalReason, ends: Ends, bytes: Uint8Array): void {
    this.#pending.delete(connection, String(ends.peer))
    this.#report(ends, bytes)
  }

  probed(connection: PendingConnection): void {
    const { peer, peerPort } = connection.accepted
    this.refused(connection, 'untrusted-peer', { peer, peerPort }, NOTHING)
  }

  /** Cannot happen: the reader below accepts nothing. */
  arrived(connection: PendingConnection, payload: Buffer): void {
    connection.socket.destroy()
    this.refused(connection, 'untrusted-peer', connection.accepted, payload)
  }
}

const NOTHING = new Uint8Array(0)

/** Takes whatever comes first for what it is: not acceptable. */
const FIRST_CHUNK: OpeningReader = {
  headers: NO_HEADERS,
  held: NOTHING,
  push: (bytes) => ({ state: 'absent', bytes }),
}
