/** Numbers of the first array of a column. */
const FIRST = 64

/** Numbers that are added one by one to a typed array, which is doubled when it is full. */
export class GrowingColumn<Column extends Uint8Array | Uint32Array> {
  readonly #make: (length: number) => Column
  #numbers: Column
  #length = 0

  constructor(make: (length: number) => Column) {
    this.#make = make
    this.#numbers = make(FIRST)
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = this.#make(2 * this.#length)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[this.#length++] = value
  }

  /** What was added, without the room that is left. */
  values(): Column {
    const exact = this.#make(this.#length)
    exact.set(this.#numbers.subarray(0, this.#length))
    return exact
  }
}
