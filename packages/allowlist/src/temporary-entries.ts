import { type Address, type Prefix, parsePrefix } from '@truehop/ip'

/** An entry added while the process runs. */
export interface TemporaryEntry {
  /** As it was written. */
  readonly entry: string
  /** Milliseconds since 1970, or undefined for an entry that stays until it is removed. */
  readonly expires: number | undefined
  readonly note: string | undefined
}

/** Milliseconds between two searches for expired entries, each of which walks all of them. */
const SWEEP_EVERY = 1000

/**
 * Entries that come and go one by one, next to an immutable prefix set that would have to be
 * rebuilt for each. One hash map for each prefix length in use, searched from the longest to the
 * shortest: adding and removing cost the same for the first and the last entry.
 *
 * No timers: an expired entry is ignored when a lookup meets it, and dropped when room is needed.
 */
export class TemporaryEntries {
  readonly #limit: number
  readonly #byLength = new Map<number, Map<string, TemporaryEntry>>()
  #lengths: readonly number[] = []
  #size = 0
  /** No entry expires before this; milliseconds since 1970. */
  #earliest = Number.POSITIVE_INFINITY
  #swept = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Entries held, including expired ones that no lookup has met yet. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds an entry, or changes expiry and note of the same prefix. False if full: no entry is ever
   * evicted for another, or an attacker who can cause entries could get rid of one by causing more.
   * Throws `PrefixError` for text that is not a prefix.
   */
  add(entry: string, expires: number | undefined, note: string | undefined, now: number): boolean {
    const prefix = parsePrefix(entry)
    const slot = slotOf(prefix)
    const held = this.#byLength.get(slot)
    const key = keyOf(prefix.address, prefix.length)
    const isNew = held?.has(key) !== true
    if (isNew && this.#size >= this.#limit && this.#maySweep(now)) this.sweep(now)
    if (isNew && this.#size >= this.#limit) return false
    // Looked up again: the sweep drops maps that became empty.
    const entries = this.#byLength.get(slot) ?? this.#open(slot)
    entries.set(key, { entry, expires, note })
    this.#earliest = Math.min(this.#earliest, expires ?? Number.POSITIVE_INFINITY)
    if (isNew) this.#size++
    return true
  }

  /**
   * Otherwise, anyone who can cause entries could make each one that finds no room cost a walk over
   * all.
   */
  #maySweep(now: number): boolean {
    return now >= this.#earliest && Math.abs(now - this.#swept) >= SWEEP_EVERY
  }

  /** True if there was such an entry. Throws `PrefixError` for text that is not a prefix. */
  remove(entry: string): boolean {
    const prefix = parsePrefix(entry)
    const slot = slotOf(prefix)
    return this.#drop(slot, keyOf(prefix.address, prefix.length))
  }

  /** The longest prefix that contains the address and has not expired at `now`. */
  match(address: Address, now: number): TemporaryEntry | undefined {
    for (const slot of this.#lengths) {
      if (slot >= V6 !== (address.family === 6)) continue
      const key = keyOf(address, slot % V6)
      const held = this.#byLength.get(slot)?.get(key)
      if (held === undefined) continue
      if (held.expires === undefined || held.expires > now) return held
      this.#drop(slot, key)
    }
    return undefined
  }

  /** Drops what has expired at `now`. Walks all entries. */
  sweep(now: number): void {
    this.#swept = now
    this.#earliest = Number.POSITIVE_INFINITY
    for (const [slot, entries] of this.#byLength) {
      for (const [key, { expires }] of entries) {
        if (expires === undefined) continue
        if (expires <= now) this.#drop(slot, key)
        else this.#earliest = Math.min(this.#earliest, expires)
      }
    }
  }

  *entries(now: number): Generator<TemporaryEntry> {
    for (const entries of this.#byLength.values()) {
      for (const held of entries.values()) {
        if (held.expires === undefined || held.expires > now) yield held
      }
    }
  }

  #open(slot: number): Map<string, TemporaryEntry> {
    const entries = new Map<string, TemporaryEntry>()
    this.#byLength.set(slot, entries)
    this.#sortLengths()
    return entries
  }

  #drop(slot: number, key: string): boolean {
    const entries = this.#byLength.get(slot)
    if (entries?.delete(key) !== true) return false
    this.#size--
    if (entries.size === 0) {
      this.#byLength.delete(slot)
      this.#sortLengths()
    }
    return true
  }

  #sortLengths(): void {
    this.#lengths = [...this.#byLength.keys()].sort((a, b) => b - a)
  }
}

/** Slots: 0 to 32 are IPv4 lengths, 256 to 384 IPv6 lengths. */
const V6 = 256

function slotOf(prefix: Prefix): number {
  return prefix.family === 6 ? V6 + prefix.length : prefix.length
}

/** The address cut to `length` bits, as a map key. IPv4 is in `w3` alone. */
function keyOf(address: Address, length: number): string {
  if (address.family === 4) return cut(address.w3, length).toString(36)
  const words = [address.w0, address.w1, address.w2, address.w3]
  return words.map((word, i) => cut(word, length - 32 * i).toString(36)).join(':')
}

/** The upper `bits` of a 32-bit word; none for `bits <= 0`, all from 32 on. */
function cut(word: number, bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? word : (word & (-1 << (32 - bits))) >>> 0
}
