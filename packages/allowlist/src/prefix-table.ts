import type { Address, Prefix } from '@truehop/ip'
import { GrowingMap } from './growing-map.js'

/**
 * Values by prefix, added and removed one by one: one hash map for each prefix length in use,
 * searched from the longest to the shortest. Adding the millionth costs as much as the first.
 */
export class PrefixTable<V> {
  readonly #byLength = new Map<number, GrowingMap<V>>()
  #lengths: readonly number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get({ address, length }: Prefix): V | undefined {
    return this.#byLength.get(slotOf(address.family, length))?.get(keyOf(address, length))
  }

  set({ address, length }: Prefix, value: V): void {
    const slot = slotOf(address.family, length)
    const values = this.#byLength.get(slot) ?? this.#open(slot)
    if (values.set(keyOf(address, length), value)) this.#size++
  }

  /** True if there was one. */
  delete({ address, length }: Prefix): boolean {
    return this.#delete(address, length)
  }

  /**
   * The value of the longest prefix that contains the address. What is over is passed, and dropped on
   * the way unless it has to be kept.
   */
  longest(
    address: Address,
    isOver: (value: V) => boolean,
    isDropped: (value: V) => boolean = () => true,
  ): V | undefined {
    for (const slot of this.#lengths) {
      if (slot >= V6 !== (address.family === 6)) continue
      const value = this.#byLength.get(slot)?.get(keyOf(address, slot % V6))
      if (value === undefined) continue
      if (!isOver(value)) return value
      if (isDropped(value)) this.#delete(address, slot % V6)
    }
    return undefined
  }

  /** Live, like `GrowingMap.values`. */
  *values(): Generator<V> {
    for (const values of this.#byLength.values()) yield* values.values()
  }

  #open(slot: number): GrowingMap<V> {
    const values = new GrowingMap<V>()
    this.#byLength.set(slot, values)
    this.#sortLengths()
    return values
  }

  #delete(address: Address, length: number): boolean {
    const slot = slotOf(address.family, length)
    const values = this.#byLength.get(slot)
    if (values?.delete(keyOf(address, length)) !== true) return false
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
