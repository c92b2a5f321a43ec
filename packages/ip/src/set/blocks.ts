import type { Prefix } from '../prefix/prefix.js'

/** An entry of a set as it was given. */
export type Entry = string | Prefix

/**
 * Values of one block, as bits of an index. V8 keeps an array with larger gaps than this as a map.
 */
const BLOCK_BITS = 9
const BLOCK = 1 << BLOCK_BITS

/**
 * Values in the order they were added, by index. In blocks: a growing array of a million is copied
 * whole each time, which takes tens of milliseconds. A block of nothing but undefined takes no
 * memory.
 */
export class Blocks<T> {
  readonly #blocks: (T[] | undefined)[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: T): void {
    const index = this.#length++
    const at = index & (BLOCK - 1)
    if (at === 0) this.#blocks.push(undefined)
    if (value === undefined) return
    const block = this.#blocks[index >>> BLOCK_BITS]
    if (block === undefined) this.#blocks[index >>> BLOCK_BITS] = withOne(at, value)
    else block[at] = value
  }

  get(index: number): T | undefined {
    return this.#blocks[index >>> BLOCK_BITS]?.[index & (BLOCK - 1)]
  }

  /** Undefined ones too, in a block that holds others. */
  *[Symbol.iterator](): Generator<T> {
    for (const block of this.#blocks) if (block !== undefined) yield* block
  }
}

function withOne<T>(at: number, value: T): T[] {
  const block: T[] = []
  block[at] = value
  return block
}
