/** Milliseconds before the first retry after a failure; each further failure doubles them. */
const FIRST_RETRY = 1000

/** When a source is looked at again. Does not keep the process running. */
export class Pace {
  readonly #usual: number
  #timer: NodeJS.Timeout | undefined

  /** `usual` in seconds. */
  constructor(usual: number) {
    this.#usual = usual * 1000
  }

  /** Once: ever later after failures, up to the usual pace, and with a little jitter. */
  next(failures: number, look: () => void): void {
    const backoff = FIRST_RETRY * 2 ** Math.min(failures - 1, 20)
    const delay = failures === 0 ? this.#usual : Math.min(this.#usual, backoff)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(look, delay * (0.9 + Math.random() * 0.2))
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
