import type { PendingConnection } from './pending-connection.js'
import type { RefusalReason } from './refusal.js'

export interface PendingLimits {
  readonly timeout: number
  readonly maxPending: number
  readonly maxPendingPerPeer: number
}

/** How long a connection may still wait once the server has stopped listening, in ms. */
const SHUTDOWN_GRACE = 250

/** Late connections ended in one turn of the event loop: other work gets its turn in between. */
const AT_ONCE = 16

/**
 * The connections waiting for their header, oldest first. All have the same timeout, so one timer
 * serves them all: it looks at the oldest, and runs only while a connection waits.
 *
 *     #oldest ──newer──> connection ──newer──> #newest        and back by `older`
 *
 * A list through the connections themselves, because a `Set` with so many short-lived members costs
 * the garbage collector more than the header does: its discarded tables, once they are old, keep
 * their members alive until the next full collection.
 *
 * Node does not announce that a server has stopped listening (its `close` event comes after the
 * last connection), so the timer also checks that `isOpen` is still true; otherwise silent peers
 * would hold up `server.close()` until their deadline.
 */
export class PendingSet {
  #limits: PendingLimits
  #isOpen: () => boolean
  #size = 0
  #oldest: PendingConnection | undefined
  #newest: PendingConnection | undefined
  #byPeer = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #check: NodeJS.Immediate | undefined

  constructor(limits: PendingLimits, isOpen: () => boolean) {
    this.#limits = limits
    this.#isOpen = isOpen
  }

  get size(): number {
    return this.#size
  }

  /** The limit that another connection of this peer would exceed. */
  exceeds(peer: string): string | undefined {
    if (this.#size >= this.#limits.maxPending) {
      return `maxPending ${this.#limits.maxPending}`
    }
    if ((this.#byPeer.get(peer) ?? 0) >= this.#limits.maxPendingPerPeer) {
      return `maxPendingPerPeer ${this.#limits.maxPendingPerPeer}`
    }
    return undefined
  }

  add(connection: PendingConnection, peer: string): void {
    this.#size++
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + 1)
    connection.older = this.#newest
    if (this.#newest === undefined) this.#oldest = connection
    else this.#newest.newer = connection
    this.#newest = connection
    if (this.#timer === undefined) this.#arm(connection.since)
  }

  /** Removes one that was added; once. */
  delete(connection: PendingConnection, peer: string): void {
    this.#size--
    const left = (this.#byPeer.get(peer) ?? 1) - 1
    if (left === 0) this.#byPeer.delete(peer)
    else this.#byPeer.set(peer, left)
    const { newer, older } = connection
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    connection.newer = undefined
    connection.older = undefined
  }

  /** Refuses all of them, as the server no longer takes any. */
  clear(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#check)
    this.#timer = undefined
    this.#refuseWhile(() => 'shutting-down')
  }

  /** From the oldest on, as long as there is a reason. A refused connection is removed. */
  #refuseWhile(reason: (connection: PendingConnection) => RefusalReason | undefined): void {
    let next = this.#oldest
    while (next !== undefined) {
      const { newer } = next
      const why = reason(next)
      if (why === undefined) return
      next.refuse(why)
      next = newer
    }
  }

  #arm(now: number): void {
    if (this.#oldest === undefined) {
      this.#timer = undefined
      return
    }
    const left = this.#oldest.since + this.#limits.timeout - now
    const wait = Math.max(1, Math.min(Math.ceil(left), SHUTDOWN_GRACE))
    this.#timer = setTimeout(this.#onTimer, wait)
    // The sockets keep the process alive, their deadline does not.
    this.#timer.unref()
  }

  /**
   * After a pause of the process, timers run before sockets. Headers that arrived meanwhile are
   * read first, so that no peer is refused because this side was late.
   */
  #onTimer = (): void => {
    this.#check = setImmediate(this.#refuseLate)
  }

  #refuseLate = (): void => {
    const now = performance.now()
    const isOpen = this.#isOpen()
    let left = AT_ONCE
    this.#refuseWhile(({ since }) => {
      if (left-- === 0) return undefined
      if (now - since >= this.#limits.timeout) return 'timeout'
      return isOpen || now - since < SHUTDOWN_GRACE ? undefined : 'shutting-down'
    })
    if (left < 0) this.#onTimer()
    else this.#arm(now)
  }
}
