/** Who caused an event. An application's own events count as caused by clients. */
export type Cause = 'client' | 'operator'

/**
 * Lets a number of events a second into the trail and counts the others by kind: anyone who can
 * cause events at will must not fill the disk. What an operator did is counted separately, so that
 * no client's refusals push it out.
 */
export class RateGate {
  readonly #perSecond: number
  #second = -1
  #admitted: Record<Cause, number> = { client: 0, operator: 0 }
  #leftOut = new Map<string, number>()

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** `now` in milliseconds. */
  admits(event: string, cause: Cause, now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#admitted = { client: 0, operator: 0 }
    }
    if (this.#admitted[cause] < this.#perSecond) {
      this.#admitted[cause]++
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
