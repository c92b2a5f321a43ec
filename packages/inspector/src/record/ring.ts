/** The last `capacity` values. Adding costs the same however many there are. */
export class Ring<T> {
  readonly #capacity: number
  #values: T[] = []
  #next = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#values.length
  }

  add(value: T): void {
    this.#values[this.#next] = value
    this.#next = (this.#next + 1) % this.#capacity
  }

  /** Frees the place of a value. Costs in proportion to how many there are. */
  remove(value: T): void {
    const left = this.values().filter((held) => held !== value)
    if (left.length === this.#values.length) return
    this.#values = left
    this.#next = left.length
  }

  /** Oldest first. */
  values(): T[] {
    if (this.#values.length < this.#capacity) return [...this.#values]
    return [...this.#values.slice(this.#next), ...this.#values.slice(0, this.#next)]
  }
}
