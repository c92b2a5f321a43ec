/** Allows a number of things a second; what was not used is not carried over. */
export class Budget {
  readonly #perSecond: number
  #second = 0
  #left = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** `now` in milliseconds. True if one more is allowed. */
  take(now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#left = this.#perSecond
    }
    return this.#left-- > 0
  }

  /** Takes back what was allowed in this second. */
  giveBack(now: number): void {
    if (Math.floor(now / 1000) === this.#second) this.#left++
  }
}
