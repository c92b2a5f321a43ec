/** Words of a key in a table: its kind, the four of the address or digest, and its crowd. */
export const KEY_WORDS = 6

/** Kinds of buckets that clients of one network share, in addition to the kinds of keys. */
export const CROWD_KIND = 16
export const WIDEST_KIND = 17

/** What a table compares keys by. */
export interface KeyWords {
  readonly kind: number
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
}

/** Where the words of records are. */
export interface Words {
  isAt(record: number, key: KeyWords): boolean
  hashAt(record: number): number
}

// Random per process: an attacker who knows which keys collide could make every look-up slow.
const SEED = (Math.random() * 0x1_0000_0000) | 0

export function hashOf({ kind, w0, w1, w2, w3 }: KeyWords): number {
  return mixed(mixed(mixed(mixed(mixed(SEED, kind), w0), w1), w2), w3)
}

/** A round of murmur3. */
function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  let h = hash ^ Math.imul(k, 0x1b873593)
  h = (h << 13) | (h >>> 19)
  h = (Math.imul(h, 5) + 0xe6546b64) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  return h ^ (h >>> 13)
}

/** From keys to the numbers of their records: open addressing, four bytes a place. */
export class KeyIndex {
  readonly #words: Words
  /** Record numbers plus one; 0 is a free place. */
  #places = new Int32Array(64)
  #held = 0

  constructor(words: Words) {
    this.#words = words
  }

  /** The key's record, or -1. */
  find(key: KeyWords): number {
    const mask = this.#places.length - 1
    for (let i = hashOf(key) & mask; ; i = (i + 1) & mask) {
      const record = (this.#places[i] ?? 0) - 1
      if (record < 0 || this.#words.isAt(record, key)) return record
    }
  }

  /** For a record that is not in the index yet, and whose words are written. */
  add(record: number): void {
    if (this.#held * 4 >= this.#places.length * 3) this.#grow()
    this.#held++
    this.#put(record)
  }

  /** For a record that is in the index, and whose words are still there. */
  remove(record: number): void {
    const mask = this.#places.length - 1
    let hole = this.#words.hashAt(record) & mask
    while (this.#places[hole] !== record + 1) hole = (hole + 1) & mask
    this.#held--
    this.#places[hole] = 0
    // The entries that follow may have been pushed there by the one that is gone: they move up.
    for (let i = (hole + 1) & mask; this.#places[i] !== 0; i = (i + 1) & mask) {
      const home = this.#words.hashAt((this.#places[i] ?? 0) - 1) & mask
      if (((i - home) & mask) < ((i - hole) & mask)) continue
      this.#places[hole] = this.#places[i] ?? 0
      this.#places[i] = 0
      hole = i
    }
  }

  #put(record: number): void {
    const mask = this.#places.length - 1
    let i = this.#words.hashAt(record) & mask
    while (this.#places[i] !== 0) i = (i + 1) & mask
    this.#places[i] = record + 1
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Int32Array(before.length * 2)
    for (const place of before) if (place !== 0) this.#put(place - 1)
  }
}
