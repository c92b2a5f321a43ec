import type { Cell, Rule, Take } from '../decide/rule.js'
import { cellSize, restOf } from '../decide/settle.js'
import type { Key } from '../limits/key.js'
import { CROWD_KIND, KeyIndex, type KeyWords, WIDEST_KIND } from './key-index.js'
import { RecordPages } from './record-pages.js'
import type { Room } from './room.js'

/** Records examined for each key that enters, so that the table shrinks without a timer. */
const SWEEP = 2
/** Records in use met in a row after which a search for room is given up. */
const PATIENCE = 64

/** What `place` returns for a key that has no bucket, but room for one of its own. */
export const NEW = -1

/**
 * The keys of one rule that are counted in this process.
 *
 * A key whose units are in use is never dropped to make room: an attacker would cause new keys
 * until the attacker's own is forgotten. It is the newcomer that gives way:
 *
 *   less than half full                  a bucket of its own
 *   more, and the network around it      the shared bucket of that network
 *     (IPv6 /32, IPv4 /16) has its share   (so one network cannot fill the table for all others)
 *   full                                 the shared bucket of the widest network
 *                                          (IPv6 /12, IPv4 /8: at most 4353 for each rule)
 *
 * A shared bucket has the limit of one client. While it is in use, newcomers of its network stay
 * in it even when room appears: a bucket of their own would give them a second quota.
 */
export class KeyTable {
  readonly #rule: Rule
  readonly #room: Room
  readonly #records: RecordPages
  readonly #index: KeyIndex
  /** For how long records matter: the take with the fewest units a window, which is the slowest. */
  #slowest: Take | undefined
  #hand = 0
  #shared = 0

  constructor(rule: Rule, room: Room) {
    this.#rule = rule
    this.#room = room
    this.#records = new RecordPages(cellSize(rule))
    this.#index = new KeyIndex(this.#records)
  }

  /** Whether the records of this table are what the rule counts in. */
  fits(rule: Rule): boolean {
    const own = this.#rule
    if (rule === own) return true
    const isAlike = rule.algorithm === own.algorithm && rule.window === own.window
    return isAlike && (rule.ban === undefined) === (own.ban === undefined)
  }

  /** Shared buckets. */
  get sharedSize(): number {
    return this.#shared
  }

  /** The record that counts the key, or would; `NEW` where it would be one of its own. */
  place(key: Key, take: Take, now: number, more: number): number {
    if (this.#slowest === undefined || take.limit < this.#slowest.limit) this.#slowest = take
    const own = this.#index.find(key)
    if (own >= 0 && this.#isInUse(own, now)) return own
    if (this.#shared > 0) {
      const running = this.#runningShared(key, now)
      if (running >= 0) return running
    }
    if (own >= 0) return own
    this.#makeRoom(now)
    if (this.#room.isOpenTo(key.crowd, more)) return NEW
    return this.#share(this.#room.isFull(more) ? widest(key) : crowd(key))
  }

  /** A record of its own for a key that is `NEW`. */
  enter(key: Key): number {
    this.#room.take(key.crowd)
    const record = this.#records.add(key, key.crowd)
    this.#index.add(record)
    return record
  }

  cell(record: number): Cell {
    return this.#records.cell(record)
  }

  forget(record: number): void {
    if (record >= 0 && !this.#records.isFree(record)) this.#drop(record)
  }

  /** Forgets all keys, and frees their room. */
  clear(): void {
    for (let record = 0; record < this.#records.length; record++) this.forget(record)
  }

  #makeRoom(now: number): void {
    for (let i = 0; i < SWEEP; i++) this.#sweepOne(now)
    for (let met = 0; this.#room.isHalfFull && met < PATIENCE; met++) {
      if (this.#sweepOne(now)) met = 0
    }
  }

  #runningShared(key: Key, now: number): number {
    const all = this.#index.find(widest(key))
    if (all >= 0 && this.#isInUse(all, now)) return all
    const few = this.#index.find(crowd(key))
    return few >= 0 && this.#isInUse(few, now) ? few : -1
  }

  #share(words: KeyWords): number {
    const known = this.#index.find(words)
    if (known >= 0) return known
    const record = this.#records.add(words, 0)
    this.#index.add(record)
    this.#shared++
    return record
  }

  /** Moves on through the table by one record; true if it was not in use, and is gone. */
  #sweepOne(now: number): boolean {
    if (this.#records.length === 0) return false
    this.#hand = (this.#hand + 1) % this.#records.length
    if (this.#records.isFree(this.#hand) || this.#isInUse(this.#hand, now)) return false
    this.#drop(this.#hand)
    return true
  }

  #isInUse(record: number, now: number): boolean {
    return this.#slowest !== undefined && restOf(this.#slowest, this.cell(record), now) > 0
  }

  #drop(record: number): void {
    if (this.#records.kindOf(record) >= CROWD_KIND) this.#shared--
    else this.#room.leave(this.#records.crowdOf(record))
    this.#index.remove(record)
    this.#records.remove(record)
  }
}

function crowd(key: Key): KeyWords {
  return { kind: CROWD_KIND, w0: key.crowd | 0, w1: key.crowd < 0x1_0000 ? 4 : 6, w2: 0, w3: 0 }
}

/** IPv4 /8 and IPv6 /12 of the crowd's own /16 and /32. */
function widest({ crowd: of }: Key): KeyWords {
  const isIPv4 = of < 0x1_0000
  const network = isIPv4 ? of >> 8 : (of - 0x1_0000) >>> 20
  return { kind: WIDEST_KIND, w0: network, w1: isIPv4 ? 4 : 6, w2: 0, w3: 0 }
}
