/** A crowd may take any amount of the first half of the room, and this fraction of the rest. */
const CROWD_SHARE = 64

/**
 * How many keys there are room for, over all the tables of one store, and which crowds have them.
 */
export class Room {
  readonly #most: number
  readonly #crowds = new Map<number, number>()
  #held = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Keys with a bucket of their own. */
  get held(): number {
    return this.#held
  }

  get isHalfFull(): boolean {
    return this.#held * 2 >= this.#most
  }

  /** `more` keys are on their way in already. */
  isFull(more: number): boolean {
    return this.#held + more >= this.#most
  }

  /** Whether a key of the crowd may have a bucket of its own. */
  isOpenTo(crowd: number, more: number): boolean {
    if (this.isFull(more)) return false
    return !this.isHalfFull || (this.#crowds.get(crowd | 0) ?? 0) * CROWD_SHARE < this.#most
  }

  take(crowd: number): void {
    this.#held++
    this.#crowds.set(crowd | 0, (this.#crowds.get(crowd | 0) ?? 0) + 1)
  }

  leave(crowd: number): void {
    this.#held--
    const others = (this.#crowds.get(crowd | 0) ?? 1) - 1
    if (others === 0) this.#crowds.delete(crowd | 0)
    else this.#crowds.set(crowd | 0, others)
  }
}
