/**
 * Lets so many events a second into the trail and counts the others by kind: whoever can cause
 * events at will must not fill the disk.
 */
export class RateGate {
  readonly #perSecond: number
  #second = -1
  #admitted = 0
  #leftOut = new Map<string, number>()

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** `now` in milliseconds. */
  admits(event: string, now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#admitted = 0
    }
    if (this.#admitted < this.#perSecond) {
      this.#admitted++
      return true
    }
    this.count(event)
    return false
  }

  count(event: string): void {
    this.#leftOut.set(event, (this.#leftOut.get(event) ?? 0) + 1)
  }

  /** What was left out since the last call; undefined for nothing. */
  take(): Record<string, number> | undefined {
    if (this.#leftOut.size === 0) return undefined
    const counts = Object.fromEntries(this.#leftOut)
    this.#leftOut = new Map()
    return counts
  }
}
