/**
 * Takes what a callback returned: where it is a promise that rejects, a process warning is made of
 * that, once for each callback. Nobody waits for it, and unhandled it would end the process, which
 * any client can then cause. What a callback throws at once is its caller's to handle.
 */
export class Rejections {
  readonly #option: string
  #warned = false

  /** `option`: the callback's name, for the warning. */
  constructor(option: string) {
    this.#option = option
  }

  heed(returned: unknown): void {
    if (returned instanceof Promise) returned.catch(this.#warn)
  }

  #warn = (error: unknown): void => {
    if (this.#warned) return
    this.#warned = true
    const what = error instanceof Error ? error.stack : String(error)
    process.emitWarning(`${this.#option} failed, further failures are not shown: ${what}`, {
      type: 'TruehopWarning',
      code: 'TRUEHOP_CALLBACK',
    })
  }
}
