/** Decisions in a row, of a busy service, after which only a sample of them is judged. */
const BUSY_AFTER = 2000
/** Decisions a second from which on a service counts as busy. */
const BUSY = 1000
/** Of a busy service, one decision in this many is judged. */
const ONE_IN = 64

/**
 * Which decisions are worth a look: all of them, until a service has been busy for a while. From
 * then on a sample shows the same for a sixty-fourth of the time; by chance, so that nobody can choose
 * which of his requests are in it.
 */
export class Sampling {
  readonly #chance: () => number
  #oneIn = 1
  #busyFor = 0
  #since: number

  constructor(now: number, chance: () => number = Math.random) {
    this.#since = now
    this.#chance = chance
  }

  takes(): boolean {
    return this.#oneIn === 1 || this.#chance() * this.#oneIn < 1
  }

  /** Of the decisions taken, so many have come since the last time. `now` in milliseconds. */
  came(taken: number, now: number): void {
    const decisions = taken * this.#oneIn
    const isBusy = decisions * 1000 > BUSY * (now - this.#since)
    this.#busyFor = isBusy ? this.#busyFor + decisions : 0
    this.#oneIn = this.#busyFor >= BUSY_AFTER ? ONE_IN : 1
    this.#since = now
  }
}
