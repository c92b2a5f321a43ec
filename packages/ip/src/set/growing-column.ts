import { eachSlice, ROWS_PER_SLICE, type Slices } from './slices.js'

/** Numbers of the first block: most sets are small. */
const FIRST = 64

/**
 * Numbers that are added one by one, in blocks: an array that is doubled whenever it is full is
 * copied whole each time, which for a million takes as long as some thousand requests.
 */
export class GrowingColumn<Column extends Uint8Array | Uint32Array> {
  readonly #make: (length: number) => Column
  readonly #full: Column[] = []
  #block: Column
  /** Numbers in the block that is being filled. */
  #used = 0

  constructor(make: (length: number) => Column) {
    this.#make = make
    this.#block = make(FIRST)
  }

  get length(): number {
    return this.#full.length * ROWS_PER_SLICE + this.#used
  }

  push(value: number): void {
    if (this.#used === this.#block.length) this.#grow()
    this.#block[this.#used++] = value
  }

  /** What was added, in one array. */
  *values(): Slices<Column> {
    const exact = this.#make(this.length)
    yield* eachSlice(exact.length, (from, to) => {
      const block = this.#full[from / ROWS_PER_SLICE] ?? this.#block
      exact.set(block.subarray(0, to - from), from)
    })
    return exact
  }

  #grow(): void {
    if (this.#used === ROWS_PER_SLICE) {
      this.#full.push(this.#block)
      this.#block = this.#make(ROWS_PER_SLICE)
      this.#used = 0
      return
    }
    const larger = this.#make(4 * this.#used)
    larger.set(this.#block)
    this.#block = larger
  }
}
