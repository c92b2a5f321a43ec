import { warn } from './read-audit-options.js'

/** What goes wrong with a trail, counted and handed to whoever wants to know. */
export class ErrorReports {
  readonly #onError: (error: Error) => void
  #count = 0

  constructor(onError: (error: Error) => void) {
    this.#onError = onError
  }

  get count(): number {
    return this.#count
  }

  /** Calls what a program gave: whatever it throws, or rejects with, is reported. */
  guard(call: () => unknown): void {
    try {
      Promise.resolve(call()).catch((error: unknown) => this.report(error))
    } catch (error) {
      this.report(error)
    }
  }

  /** Nothing awaits a write: what a callback throws, or rejects with, would end the process. */
  report(error: unknown): void {
    this.#count++
    const told = errorOf(error)
    const failed = (thrown: unknown): void => {
      warn(told)
      warn(errorOf(thrown))
    }
    try {
      Promise.resolve(this.#onError(told)).catch(failed)
    } catch (thrown) {
      failed(thrown)
    }
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
