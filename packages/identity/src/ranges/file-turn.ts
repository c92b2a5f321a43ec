import { within } from './within.js'

/** Milliseconds for one access to a file: a hanging disk does not answer at all. */
const DEADLINE = 15_000

/**
 * Work with a file that may be on a hanging disk: with a deadline, and never twice at the same
 * time, as each read or write that does not return occupies one of the few threads that all files
 * share.
 */
export class FileTurn {
  readonly #deadline: number
  #pending: Promise<unknown> | undefined

  constructor(deadline = DEADLINE) {
    this.#deadline = deadline
  }

  /** Rejects if the work does, after the deadline, and while earlier work has not ended. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#pending !== undefined)
      throw new Error('the last access to the file has not ended yet')
    const working = work()
    this.#pending = working
    const ended = (): void => {
      this.#pending = undefined
    }
    working.then(ended, ended)
    return await within(this.#deadline, working)
  }
}
