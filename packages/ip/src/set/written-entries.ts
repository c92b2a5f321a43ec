import type { Prefix } from '../prefix/prefix.js'

/** An entry of a set as it was given. */
export type Entry = string | Prefix

/** Entries of one block, as bits of an index. */
const BLOCK_BITS = 12
const BLOCK = 1 << BLOCK_BITS

/**
 * Entries as they were given, by index, undefined for those that need not be kept. In blocks: an
 * array of a million that grows is copied whole each time, which takes some tens of milliseconds.
 */
export class WrittenEntries {
  readonly #blocks: (Entry | undefined)[][] = []
  #length = 0

  push(entry: Entry | undefined): void {
    const at = this.#length++ & (BLOCK - 1)
    const last = this.#blocks.at(-1)
    if (at === 0 || last === undefined) this.#blocks.push([entry])
    else last.push(entry)
  }

  get(index: number): Entry | undefined {
    return this.#blocks[index >>> BLOCK_BITS]?.[index & (BLOCK - 1)]
  }
}
