/**
 * For whoever calls what an application gave it: takes what a callback returned. Where that is a
 * promise that rejects, it makes a process warning of it, once for each callback. Nobody waits for
 * such a promise, and unhandled it would end the process, which any client can then cause. What a
 * callback throws at once is its caller's to handle.
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
