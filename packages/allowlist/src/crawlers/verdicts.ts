/** What is known of an address: the name of the crawler, or undefined where it is none. */
interface Verdict {
  readonly crawler: string | undefined
  /** On the clock of `performance.now()`. */
  readonly until: number
}

/**
 * Verdicts by address, bounded. Verified addresses and others have room of their own: whoever comes from
 * many addresses under a crawler's name pushes out what is known of others like him, and no crawler.
 */
export class Verdicts {
  readonly #verified = new Map<string, Verdict>()
  readonly #others = new Map<string, Verdict>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** Addresses that are verified. */
  get verified(): IterableIterator<string> {
    return this.#verified.keys()
  }

  get size(): number {
    return this.#verified.size
  }

  get(address: string, now: number): Verdict | undefined {
    const verdict = this.#verified.get(address) ?? this.#others.get(address)
    return verdict !== undefined && verdict.until > now ? verdict : undefined
  }

  set(address: string, verdict: Verdict): void {
    this.#verified.delete(address)
    this.#others.delete(address)
    const room = verdict.crawler === undefined ? this.#others : this.#verified
    if (room.size >= this.#most) {
      const [oldest] = room.keys()
      if (oldest !== undefined) room.delete(oldest)
    }
    room.set(address, verdict)
  }
}
