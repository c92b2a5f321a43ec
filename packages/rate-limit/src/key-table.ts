import type { ClientIdentity } from '@truehop/identity'

/** One key that is being counted, with the engine's last word on it. */
export interface Entry {
  /** The key under which the engine counts. */
  readonly key: string
  consumed: number
  /**
   * When the window, or the block, ends, on the clock of `performance.now()`: setting the wall
   * clock must not end a block. 0 until the engine has answered for the first time.
   */
  until: number
  /** True once the engine has refused: nothing can change that before `until`. */
  refused: boolean
  /** The network whose share of the table the key takes; undefined for a shared bucket. */
  readonly network: number | undefined
}

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
  readonly #entries = new Map<string, Entry>()
  readonly #networks = new Map<number, number>()
  #hand = this.#entries.values()
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

  /** The entry that counts the key now, or would, had the client been seen; none is made. */
  find(scope: string, key: string, identity: ClientIdentity, now: number): Entry | undefined {
    const own = this.#entries.get(scope + key)
    if (own !== undefined && own.until > now) return own
    return this.#shared === 0 ? undefined : this.#runningShared(scope, identity, now)
  }

  /** The entry that counts the key from now on. */
  enter(scope: string, key: string, identity: ClientIdentity, now: number): Entry {
    const own = this.#entries.get(scope + key)
    if (own !== undefined && own.until > now) return own
    if (own !== undefined) renew(own)
    for (let i = 0; i < SWEEP; i++) this.#sweepOne(now)
    if (own !== undefined) return own
    if (this.#shared > 0) {
      const running = this.#runningShared(scope, identity, now)
      if (running !== undefined) return running
    }
    const network = networkOf(identity)
    if (this.#hasRoom(network, now)) return this.#add(scope + key, network)
    const share =
      this.#held < this.#maxKeys ? sharedKey(scope, network) : widestKey(scope, identity)
    return this.#share(share, now)
  }

  #hasRoom(network: number, now: number): boolean {
    for (let met = 0; this.#held * 2 >= this.#maxKeys && met < PATIENCE; met++) {
      if (this.#sweepOne(now)) met = 0
    }
    if (this.#held * 2 < this.#maxKeys) return true
    if (this.#held >= this.#maxKeys) return false
    return (this.#networks.get(network) ?? 0) * NETWORK_SHARE < this.#maxKeys
  }

  #runningShared(scope: string, identity: ClientIdentity, now: number): Entry | undefined {
    const widest = this.#entries.get(widestKey(scope, identity))
    if (widest !== undefined && widest.until > now) return widest
    const shared = this.#entries.get(sharedKey(scope, networkOf(identity)))
    return shared !== undefined && shared.until > now ? shared : undefined
  }

  #add(key: string, network: number): Entry {
    const entry = { key, consumed: 0, until: 0, refused: false, network }
    this.#entries.set(key, entry)
    this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1)
    this.#held++
    return entry
  }

  #share(key: string, now: number): Entry {
    const running = this.#entries.get(key)
    if (running !== undefined) {
      if (running.until <= now) renew(running)
      return running
    }
    const entry = { key, consumed: 0, until: 0, refused: false, network: undefined }
    this.#entries.set(key, entry)
    this.#shared++
    return entry
  }

  /** Moves on through the table by one entry; true where its window had ended, and it is gone. */
  #sweepOne(now: number): boolean {
    const { value } = this.#hand.next()
    if (value === undefined) {
      this.#hand = this.#entries.values()
      return false
    }
    if (value.until === 0 || value.until > now) return false
    this.#drop(value)
    return true
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.key)
    if (entry.network === undefined) {
      this.#shared--
      return
    }
    this.#held--
    const others = (this.#networks.get(entry.network) ?? 1) - 1
    if (others === 0) this.#networks.delete(entry.network)
    else this.#networks.set(entry.network, others)
  }
}

function renew(entry: Entry): void {
  entry.consumed = 0
  entry.until = 0
  entry.refused = false
}

/** IPv4 /16 as 0 to 2^16 - 1, IPv6 /32 above that, -1 for clients that cannot be named. */
function networkOf(identity: ClientIdentity): number {
  if (identity.status === 'undetermined') return -1
  const { address } = identity
  return address.family === 4 ? address.w3 >>> 16 : 0x1_0000 + address.w0
}

function sharedKey(scope: string, network: number): string {
  return `${scope}shared:${network}`
}

function widestKey(scope: string, identity: ClientIdentity): string {
  if (identity.status === 'undetermined') return `${scope}widest:undetermined`
  const { address } = identity
  return address.family === 4
    ? `${scope}widest:v4:${address.w3 >>> 24}`
    : `${scope}widest:v6:${address.w0 >>> 20}`
}
