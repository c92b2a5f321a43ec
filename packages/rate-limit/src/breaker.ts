/** The store did not answer in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'

  constructor(milliseconds: number) {
    super(`the store gave no answer within ${milliseconds} ms`)
  }
}

/** The store is not asked: it failed before, and no probe has succeeded since. */
export class OpenCircuitError extends Error {
  override readonly name = 'OpenCircuitError'

  constructor() {
    super('the store is not asked until a probe of it has succeeded')
  }
}

/** Told when a store stops answering and when it answers again. */
export interface StoreState {
  readonly state: 'unavailable' | 'available'
  /** What went wrong last; undefined for `'available'`. */
  readonly error: unknown
}

/** What a piece of work is told: once `lapsed`, nobody waits for it, and it should ask no more. */
export interface Inquiry {
  readonly lapsed: boolean
}

/** Failures in a row after which the store is not asked any more. */
const FAILURES = 5
/** Milliseconds from opening, or from a probe that failed, to the next probe. */
const PROBE_EVERY = 1000
/** Milliseconds after which a probe without an answer is given up for lost. */
const PROBE_LOST = 30_000
/** Questions without an answer at most, those included for which nobody waits any more. */
const MAX_PENDING = 1000

/**
 * Stands between the requests and a store that may be slow, frozen or gone.
 *
 *   closed ── 5 failures in a row ──> open ── a probe answered within the deadline ──> closed
 *
 * Every question is answered or given up within the deadline. While open nothing is asked except
 * one probe at a time, on a timer of its own: no request waits for it, and no queue grows in the
 * client, which would hold every command until the connection is back.
 */
export class Breaker {
  readonly #probe: () => Promise<unknown>
  readonly #deadline: number
  readonly #listeners = new Set<(state: StoreState) => void>()
  #failures = 0
  #pending = 0
  #open = false

  /** `deadline` in milliseconds. `probe` must do what the questions do, a write among it. */
  constructor(deadline: number, probe: () => Promise<unknown>) {
    this.#deadline = deadline
    this.#probe = probe
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Questions without an answer. */
  get pending(): number {
    return this.#pending
  }

  onState(listener: (state: StoreState) => void): void {
    this.#listeners.add(listener)
  }

  /** Rejects with what `work` rejects with, a `DeadlineError`, or at once an `OpenCircuitError`. */
  ask<Answer>(work: (inquiry: Inquiry) => Promise<Answer>): Promise<Answer> {
    if (this.#open) return Promise.reject(new OpenCircuitError())
    if (this.#pending >= MAX_PENDING) {
      const error = new DeadlineError(this.#deadline)
      this.#fail(error)
      return Promise.reject(error)
    }
    return this.#within(work).then(
      (answer) => {
        this.#failures = 0
        return answer
      },
      (error: unknown) => {
        this.#fail(error)
        throw error
      },
    )
  }

  #within<Answer>(work: (inquiry: Inquiry) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const inquiry = { lapsed: false }
      const lapse = () => {
        inquiry.lapsed = true
        reject(new DeadlineError(this.#deadline))
      }
      // After a pause of this process the answer may be waiting in the socket: let it be read.
      let last: NodeJS.Immediate | undefined
      const timer = setTimeout(() => {
        last = setImmediate(lapse)
      }, this.#deadline)
      this.#pending++
      const settled = () => {
        this.#pending--
        clearTimeout(timer)
        clearImmediate(last)
      }
      work(inquiry).finally(settled).then(resolve, reject)
    })
  }

  #fail(error: unknown): void {
    this.#failures++
    if (this.#open || this.#failures < FAILURES) return
    this.#open = true
    this.#tell({ state: 'unavailable', error })
    this.#probeLater()
  }

  #probeLater(): void {
    setTimeout(() => this.#tryProbe(), PROBE_EVERY).unref()
  }

  #tryProbe(): void {
    const started = performance.now()
    let over = false
    const end = (answered: boolean) => {
      if (over) return
      over = true
      clearTimeout(lost)
      if (answered && performance.now() - started <= this.#deadline) this.#close()
      else this.#probeLater()
    }
    const lost = setTimeout(end, PROBE_LOST, false).unref()
    this.#probe().then(
      () => end(true),
      () => end(false),
    )
  }

  #close(): void {
    this.#failures = 0
    this.#open = false
    this.#tell({ state: 'available', error: undefined })
  }

  #tell(state: StoreState): void {
    for (const listener of this.#listeners) {
      try {
        listener(state)
      } catch (error) {
        // A listener's fault must not keep the store closed, nor take the process down.
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    }
  }
}
