import type { PendingConnection } from './pending-connection.js'

export interface PendingLimits {
  readonly timeout: number
  readonly maxPending: number
  readonly maxPendingPerPeer: number
}

/** How long a connection may still wait once the server has stopped listening, in ms. */
const SHUTDOWN_GRACE = 250

/**
 * The connections waiting for their header, oldest first. All have the same timeout, so one timer
 * serves them all: it looks at the oldest, and runs only while somebody waits.
 *
 * Node tells nobody that a server has stopped listening (its `close` event comes after the last
 * connection), so the timer also looks whether `isOpen` still holds; otherwise those who never
 * speak would hold up `server.close()` until their deadline.
 */
export class PendingSet {
  #limits: PendingLimits
  #isOpen: () => boolean
  #connections = new Set<PendingConnection>()
  #byPeer = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(limits: PendingLimits, isOpen: () => boolean) {
    this.#limits = limits
    this.#isOpen = isOpen
  }

  get size(): number {
    return this.#connections.size
  }

  /** The limit that another connection of this peer would exceed. */
  exceeds(peer: string): string | undefined {
    if (this.#connections.size >= this.#limits.maxPending) {
      return `maxPending ${this.#limits.maxPending}`
    }
    if ((this.#byPeer.get(peer) ?? 0) >= this.#limits.maxPendingPerPeer) {
      return `maxPendingPerPeer ${this.#limits.maxPendingPerPeer}`
    }
    return undefined
  }

  add(connection: PendingConnection, peer: string): void {
    this.#connections.add(connection)
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + 1)
    if (this.#timer === undefined) this.#arm(connection.since)
  }

  delete(connection: PendingConnection, peer: string): void {
    if (!this.#connections.delete(connection)) return
    const left = (this.#byPeer.get(peer) ?? 1) - 1
    if (left === 0) this.#byPeer.delete(peer)
    else this.#byPeer.set(peer, left)
  }

  /** Refuses all of them, as the server no longer takes any. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const connection of [...this.#connections]) connection.refuse('shutting-down')
  }

  #arm(now: number): void {
    const [oldest] = this.#connections
    if (oldest === undefined) {
      this.#timer = undefined
      return
    }
    const left = oldest.since + this.#limits.timeout - now
    const wait = Math.max(1, Math.min(Math.ceil(left), SHUTDOWN_GRACE))
    this.#timer = setTimeout(this.#onTimer, wait)
    // The sockets keep the process alive, not their deadline.
    this.#timer.unref()
  }

  #onTimer = (): void => {
    const now = performance.now()
    const isOpen = this.#isOpen()
    const { timeout } = this.#limits
    const allowed = isOpen ? timeout : Math.min(timeout, SHUTDOWN_GRACE)
    for (const connection of this.#connections) {
      if (now - connection.since < allowed) break
      connection.refuse(isOpen || now - connection.since >= timeout ? 'timeout' : 'shutting-down')
    }
    this.#arm(now)
  }
}
