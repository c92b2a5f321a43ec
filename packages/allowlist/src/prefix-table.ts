import type { Address, Prefix } from '@truehop/ip'

/**
 * Values by prefix, added and removed one by one: one hash map for each prefix length in use,
 * searched from the longest to the shortest. Adding the millionth costs as much as the first.
 */
export class PrefixTable<V> {
  readonly #byLength = new Map<number, ShardedMap<V>>()
  #lengths: readonly number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get({ address, length }: Prefix): V | undefined {
    return this.#byLength.get(slotOf(address.family, length))?.get(address, length)
  }

  set({ address, length }: Prefix, value: V): void {
    const slot = slotOf(address.family, length)
    const values = this.#byLength.get(slot) ?? this.#open(slot)
    if (values.set(address, length, value)) this.#size++
  }

  /** True if there was one. */
  delete({ address, length }: Prefix): boolean {
    return this.#delete(address, length)
  }

  /**
   * The value of the longest prefix that contains the address. What is `gone` is dropped on the
   * way.
   */
  longest(address: Address, gone: (value: V) => boolean): V | undefined {
    for (const slot of this.#lengths) {
      if (slot >= V6 !== (address.family === 6)) continue
      const value = this.#byLength.get(slot)?.get(address, slot % V6)
      if (value === undefined) continue
      if (!gone(value)) return value
      this.#delete(address, slot % V6)
    }
    return undefined
  }

  /** Live: values added or removed meanwhile may or may not be included. */
  *values(): Generator<V> {
    for (const values of this.#byLength.values()) yield* values.values()
  }

  #open(slot: number): ShardedMap<V> {
    const values = new ShardedMap<V>()
    this.#byLength.set(slot, values)
    this.#sortLengths()
    return values
  }

  #delete(address: Address, length: number): boolean {
    const slot = slotOf(address.family, length)
    const values = this.#byLength.get(slot)
    if (values?.delete(address, length) !== true) return false
    this.#size--
    if (values.size === 0) {
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

function slotOf(family: 4 | 6, length: number): number {
  return family === 6 ? V6 + length : length
}

const SHARDS = 64

/**
 * A growing map keeps everybody waiting while it moves all its entries, so this is many small ones.
 */
class ShardedMap<V> {
  readonly #shards: Map<string | number, V>[] = Array.from({ length: SHARDS }, () => new Map())
  size = 0

  get(address: Address, length: number): V | undefined {
    return this.#shard(address, length)?.get(keyOf(address, length))
  }

  /** True for a new key. */
  set(address: Address, length: number, value: V): boolean {
    const shard = this.#shard(address, length)
    const before = shard?.size
    shard?.set(keyOf(address, length), value)
    if (shard?.size === before) return false
    this.size++
    return true
  }

  delete(address: Address, length: number): boolean {
    if (this.#shard(address, length)?.delete(keyOf(address, length)) !== true) return false
    this.size--
    return true
  }

  *values(): Generator<V> {
    for (const shard of this.#shards) yield* shard.values()
  }

  #shard(address: Address, length: number): Map<string | number, V> | undefined {
    const { w0, w1, w2, w3 } = address
    if (address.family === 4) return this.#shards[mixed(cut(w3, length))]
    const words =
      cut(w0, length) ^ cut(w1, length - 32) ^ cut(w2, length - 64) ^ cut(w3, length - 96)
    return this.#shards[mixed(words)]
  }
}

/** Multiplied by the golden ratio, as neighbours in a network differ only in their last bits. */
function mixed(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> 26
}

/**
 * The address cut to `length` bits, as a map key. IPv4 is in `w3` alone, signed: a larger number
 * would be an object of its own in the map.
 */
function keyOf(address: Address, length: number): string | number {
  if (address.family === 4) return cut(address.w3, length) | 0
  const words = [address.w0, address.w1, address.w2, address.w3]
  return words.map((word, i) => cut(word, length - 32 * i).toString(36)).join(':')
}

/** The upper `bits` of a 32-bit word; none for `bits <= 0`, all from 32 on. */
function cut(word: number, bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? word : (word & (-1 << (32 - bits))) >>> 0
}
