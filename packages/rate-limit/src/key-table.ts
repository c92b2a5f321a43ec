import type { ClientIdentity } from '@truehop/identity'
import { type Row, Rows } from './rows.js'

/** The keys of one counter, which may look like another's. */
export type Scope = Map<string, Row>

/** A network may hold all it likes of the first half of the table, and of the rest this part. */
const NETWORK_SHARE = 64
/** Entries looked at for each window that begins, so that the table shrinks without a timer. */
const SWEEP = 2
/** Running windows met in a row after which a search for room is given up. */
const PATIENCE = 64

/**
 * The keys that are counted in this process, at most `maxKeys` of them.
 *
 * A key whose window runs is never dropped to make room: an attacker would cause new keys until
 * his own is forgotten. It is the newcomer who gives way:
 *
 *   less than half full                  a bucket of its own
 *   more, and the network around it      the shared bucket of that network
 *     (IPv6 /32, IPv4 /16) has its share   (so one network cannot fill the table for all others)
 *   full                                 the shared bucket of the widest network
 *                                          (IPv6 /12, IPv4 /8: at most 4353 for each quota)
 *
 * A shared bucket has the limit of one client. While one runs, newcomers of its network stay in
 * it even when room appears: a bucket of their own would give them a second quota.
 */
export class KeyTable {
  readonly #maxKeys: number
  readonly #rows = new Rows()
  readonly #networks = new Map<number, number>()
  #hand: Row = 0
  #held = 0
  #shared = 0

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  /** Keys with a bucket of their own. */
  get size(): number {
    return this.#held
  }

  /** Shared buckets. */
  get sharedSize(): number {
    return this.#shared
  }

  /** The row that counts the key now, or would, had the client been seen; none is made. */
  find(scope: Scope, key: string, identity: ClientIdentity, now: number): Row | undefined {
    const own = scope.get(key)
    if (own !== undefined && this.isRunning(own, now)) return own
    return this.#shared === 0 ? undefined : this.#runningShared(scope, identity, now)
  }

  /** The row that counts the key from now on. Where no window runs, it has consumed nothing. */
  enter(scope: Scope, key: string, identity: ClientIdentity, now: number): Row {
    const own = scope.get(key)
    if (own !== undefined) {
      if (this.isRunning(own, now)) return own
      this.#rows.write(own, 0, 0)
    }
    for (let i = 0; i < SWEEP; i++) this.#sweepOne(now)
    if (own !== undefined) return own
    if (this.#shared > 0) {
      const running = this.#runningShared(scope, identity, now)
      if (running !== undefined) return running
    }
    const network = networkOf(identity)
    if (this.#hasRoom(network, now)) return this.#add(scope, key, network)
    const share = this.#held < this.#maxKeys ? sharedKey(network) : widestKey(identity)
    return this.#share(scope, share, now)
  }

  /** True while a window, or a block, of the row has begun and not ended. */
  isRunning(row: Row, now: number): boolean {
    return this.#rows.until(row) > now
  }

  /** Quota units. */
  consumed(row: Row): number {
    return this.#rows.consumed(row)
  }

  /**
   * When the window, or the block, ends, on the clock of `performance.now()`: setting the wall
   * clock must not end a block. 0 until the first charge is written.
   */
  until(row: Row): number {
    return this.#rows.until(row)
  }

  write(row: Row, consumed: number, until: number): void {
    this.#rows.write(row, consumed, until)
  }

  /** The key that the row counts: the client's own, or that of the bucket it shares. */
  keyOf(row: Row): string {
    return this.#rows.keyOf(row)
  }

  /** True for a bucket that clients of a network share. */
  isShared(row: Row): boolean {
    return this.#rows.networkOf(row) === undefined
  }

  #hasRoom(network: number, now: number): boolean {
    for (let met = 0; this.#held * 2 >= this.#maxKeys && met < PATIENCE; met++) {
      if (this.#sweepOne(now)) met = 0
    }
    if (this.#held * 2 < this.#maxKeys) return true
    if (this.#held >= this.#maxKeys) return false
    return (this.#networks.get(network) ?? 0) * NETWORK_SHARE < this.#maxKeys
  }

  #runningShared(scope: Scope, identity: ClientIdentity, now: number): Row | undefined {
    const widest = scope.get(widestKey(identity))
    if (widest !== undefined && this.isRunning(widest, now)) return widest
    const shared = scope.get(sharedKey(networkOf(identity)))
    return shared !== undefined && this.isRunning(shared, now) ? shared : undefined
  }

  #add(scope: Scope, key: string, network: number): Row {
    this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1)
    this.#held++
    return this.#rows.take(scope, key, network)
  }

  #share(scope: Scope, key: string, now: number): Row {
    const known = scope.get(key)
    if (known === undefined) {
      this.#shared++
      return this.#rows.take(scope, key, undefined)
    }
    if (!this.isRunning(known, now)) this.#rows.write(known, 0, 0)
    return known
  }

  /** Moves on through the table by one row; true where its window had ended, and it is free now. */
  #sweepOne(now: number): boolean {
    this.#hand = this.#hand + 1 < this.#rows.end ? this.#hand + 1 : 0
    const until = this.#rows.until(this.#hand)
    if (until === 0 || until > now) return false
    this.#drop(this.#hand)
    return true
  }

  #drop(row: Row): void {
    const network = this.#rows.networkOf(row)
    this.#rows.release(row)
    if (network === undefined) {
      this.#shared--
      return
    }
    this.#held--
    const others = (this.#networks.get(network) ?? 1) - 1
    if (others === 0) this.#networks.delete(network)
    else this.#networks.set(network, others)
  }
}

/** IPv4 /16 as 1 to 2^16, IPv6 /32 above that, 0 for clients that cannot be named. */
function networkOf(identity: ClientIdentity): number {
  if (identity.status === 'undetermined') return 0
  const { address } = identity
  return address.family === 4 ? 1 + (address.w3 >>> 16) : 0x1_0001 + address.w0
}

function sharedKey(network: number): string {
  return `shared:${network}`
}

function widestKey(identity: ClientIdentity): string {
  if (identity.status === 'undetermined') return 'widest:undetermined'
  const { address } = identity
  return address.family === 4 ? `widest:v4:${address.w3 >>> 24}` : `widest:v6:${address.w0 >>> 20}`
}
