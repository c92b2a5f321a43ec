import type { Cell } from '../decide/rule.js'
import { hashOf, KEY_WORDS, type KeyWords, type Words } from './key-index.js'

/** Records per page: pages are added, and nothing is copied when a table grows. */
const PAGE = 512

/** Fixed records of numbers, with the words of their keys, in pages. */
export class RecordPages implements Words {
  readonly #width: number
  readonly #numbers: Float64Array[] = []
  readonly #words: Int32Array[] = []
  readonly #free: number[] = []
  #made = 0

  /** `width`: numbers per record. */
  constructor(width: number) {
    this.#width = width
  }

  /** Records that exist, including free ones. */
  get length(): number {
    return this.#made
  }

  /** A record of zeros for a key. */
  add(key: KeyWords, crowd: number): number {
    const record = this.#free.pop() ?? this.#make()
    this.#wordsOf(record).set(
      [key.kind, key.w0, key.w1, key.w2, key.w3, crowd | 0],
      (record % PAGE) * KEY_WORDS,
    )
    const { numbers, at } = this.cell(record)
    numbers.fill(0, at, at + this.#width)
    return record
  }

  remove(record: number): void {
    this.#wordsOf(record)[(record % PAGE) * KEY_WORDS] = FREE
    this.#free.push(record)
  }

  isFree(record: number): boolean {
    return this.#word(record, 0) === FREE
  }

  kindOf(record: number): number {
    return this.#word(record, 0)
  }

  crowdOf(record: number): number {
    return this.#word(record, 5)
  }

  cell(record: number): Cell {
    const numbers = this.#numbers[Math.floor(record / PAGE)] ?? NO_NUMBERS
    return { numbers, at: (record % PAGE) * this.#width }
  }

  isAt(record: number, key: KeyWords): boolean {
    const words = this.#wordsOf(record)
    const at = (record % PAGE) * KEY_WORDS
    return (
      words[at + 4] === key.w3 &&
      words[at + 3] === key.w2 &&
      words[at + 2] === key.w1 &&
      words[at + 1] === key.w0 &&
      words[at] === key.kind
    )
  }

  hashAt(record: number): number {
    const words = this.#wordsOf(record)
    const at = (record % PAGE) * KEY_WORDS
    return hashOf({
      kind: words[at] ?? 0,
      w0: words[at + 1] ?? 0,
      w1: words[at + 2] ?? 0,
      w2: words[at + 3] ?? 0,
      w3: words[at + 4] ?? 0,
    })
  }

  #make(): number {
    if (this.#made % PAGE === 0) {
      this.#numbers.push(new Float64Array(PAGE * this.#width))
      this.#words.push(new Int32Array(PAGE * KEY_WORDS))
    }
    return this.#made++
  }

  #word(record: number, i: number): number {
    return this.#wordsOf(record)[(record % PAGE) * KEY_WORDS + i] ?? 0
  }

  #wordsOf(record: number): Int32Array {
    return this.#words[Math.floor(record / PAGE)] ?? NO_WORDS
  }
}

/** The kind of no key. */
const FREE = -1
const NO_NUMBERS = new Float64Array(0)
const NO_WORDS = new Int32Array(0)
