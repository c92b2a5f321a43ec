/** The last `capacity` values. Adding costs the same however many there are. */
export class Ring<T> {
  readonly #capacity: number
  readonly #values: T[] = []
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

  /** Oldest first. */
  values(): T[] {
    if (this.#values.length < this.#capacity) return [...this.#values]
    return [...this.#values.slice(this.#next), ...this.#values.slice(0, this.#next)]
  }
}
