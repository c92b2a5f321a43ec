/** Requests that are judged, at most. */
export const MOST = 20_000

/**
 * An even part of what comes, however much that is: of twice as many as are kept every second one,
 * of four times as many every fourth. What came first counts no more than what came last.
 */
export class Thinned<T> {
  readonly #most: number
  #kept: T[] = []
  #every = 1
  #seen = 0

  constructor(most = MOST) {
    this.#most = most
  }

  get seen(): number {
    return this.#seen
  }

  get values(): readonly T[] {
    return this.#kept
  }

  add(value: T): void {
    if (this.#seen++ % this.#every !== 0) return
    this.#kept.push(value)
    if (this.#kept.length < this.#most) return
    this.#kept = this.#kept.filter((_, at) => at % 2 === 0)
    this.#every *= 2
  }
}
