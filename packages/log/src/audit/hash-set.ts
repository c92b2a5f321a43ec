import { randomInt } from 'node:crypto'

/** Words of a hash that are kept: two with the same 128 bits are beyond anyone's means. */
const WORDS = 4
const FIRST_SLOTS = 1024

/** Drawn for each process: nobody can choose hashes that all seek one slot. */
const SEED = randomInt(2 ** 32) | 0
const FACTOR = randomInt(2 ** 32) | 1

/**
 * Hashes in hexadecimal digits, 32 or more, of which the first 32 count: 21 to 43 bytes for each,
 * however many there are. A `Set` ends at 16.7 million, and takes several times as much.
 */
export class HashSet {
  /** Four words a slot, all zero in a free one. */
  #slots = new Uint32Array(WORDS * FIRST_SLOTS)
  #size = 0
  /** Of the hash that is looked for. */
  readonly #words = new Uint32Array(WORDS)
  readonly #bytes = Buffer.from(this.#words.buffer)
  /** That of nothing, which would look like a free slot. */
  #hasZeros = false

  has(hash: string): boolean {
    this.#read(hash)
    return this.#isZeros(this.#words, 0) ? this.#hasZeros : this.#isTaken(this.#slot())
  }

  /** True for a new one. */
  add(hash: string): boolean {
    this.#read(hash)
    if (this.#isZeros(this.#words, 0)) return this.#addZeros()
    const slot = this.#slot()
    if (this.#isTaken(slot)) return false
    this.#slots.set(this.#words, slot)
    this.#size++
    if (this.#size * WORDS > this.#slots.length * 0.75) this.#grow()
    return true
  }

  #addZeros(): boolean {
    const isNew = !this.#hasZeros
    this.#hasZeros = true
    return isNew
  }

  #read(hash: string): void {
    this.#bytes.write(hash.slice(0, 8 * WORDS), 'hex')
  }

  /** Where the hash is, or would be: linear probing. */
  #slot(): number {
    const last = this.#slots.length - 1
    let slot = (this.#mixed() * WORDS) & last
    while (this.#isTaken(slot) && !this.#isAt(slot)) slot = (slot + WORDS) & last
    return slot
  }

  #mixed(): number {
    let mixed = SEED
    for (let i = 0; i < WORDS; i++) {
      mixed = Math.imul(mixed ^ (this.#words[i] ?? 0), FACTOR)
      mixed ^= mixed >>> 16
    }
    return mixed
  }

  #isAt(slot: number): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#slots[slot + i] !== this.#words[i]) return false
    return true
  }

  #isTaken(slot: number): boolean {
    return !this.#isZeros(this.#slots, slot)
  }

  #isZeros(words: Uint32Array, from: number): boolean {
    for (let i = from; i < from + WORDS; i++) if (words[i] !== 0) return false
    return true
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(2 * before.length)
    for (let slot = 0; slot < before.length; slot += WORDS) {
      if (this.#isZeros(before, slot)) continue
      this.#words.set(before.subarray(slot, slot + WORDS))
      this.#slots.set(this.#words, this.#slot())
    }
  }
}
