import { Deadlines, Due } from './deadlines.js'

/** The store did not answer in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'

  constructor(milliseconds: number) {
    super(`the store did not answer within ${milliseconds} ms`)
  }
}

/** The store is not asked: it failed before, and no probe has succeeded since. */
export class OpenCircuitError extends Error {
  override readonly name = 'OpenCircuitError'

  constructor() {
    super('the store is not asked until a probe has succeeded')
  }
}

/** Passed on when a store stops answering and when it answers again. */
export interface StoreState {
  readonly state: 'unavailable' | 'available'
  /** What went wrong last; undefined for `'available'`. */
  readonly error: unknown
  /** Which node of a cluster; empty if the store is not a cluster. */
  readonly node: string
}

/** Passed to a piece of work: once `lapsed`, nothing waits for it, and it should stop asking. */
export interface Inquiry {
  readonly lapsed: boolean
}

/** Failures in a row after which the store is no longer asked. */
const FAILURES = 5
/** Milliseconds: a failure after a longer pause begins a new row. */
const ROW_ENDS = 10_000
/** Milliseconds from opening, or from a probe that failed, to the next probe. */
const PROBE_EVERY = 1000
/** Milliseconds after which a probe without an answer is given up for lost. */
const PROBE_LOST = 30_000
/** Maximum number of unanswered questions, including those that nothing waits for any more. */
const MAX_PENDING = 5000

/**
 * Sits between the requests and a store that may be slow, frozen or gone.
 *
 *   closed ── 5 failures in a row ──> open ── a probe answered within the deadline ──> closed
 *
 * Questions that were out together fail together: one slow reply holds up everything asked after
 * it, and one broken connection ends everything on it. That is one failure, however many requests
 * it affected; the next one is of a question that was asked after it.
 *
 * Every question is answered or given up within the deadline. While open nothing is asked except
 * one probe at a time, on a timer of its own: no request waits for it, and no queue grows in the
 * client, which would hold every command until the connection is back.
 */
export class Breaker {
  readonly #node: string
  readonly #probe: () => Promise<unknown>
  readonly #deadline: number
  readonly #deadlines: Deadlines
  readonly #listeners = new Set<(state: StoreState) => void>()
  /** In a row. */
  #failures = 0
  /** When the last of them was, on the clock of `performance.now()`. */
  #failedAt = Number.NEGATIVE_INFINITY
  /** Failures since the start: separates questions asked before one from those asked after. */
  #round = 0
  #pending = 0
  #open = false

  /** `deadline` in milliseconds. `probe` must do what the questions do, including a write. */
  constructor(deadline: number, probe: () => Promise<unknown>, node = '') {
    this.#node = node
    this.#deadline = deadline
    this.#deadlines = new Deadlines(deadline)
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

  /**
   * What `work` answers; in place of an error, including a `DeadlineError` or an immediate
   * `OpenCircuitError`, what `instead` returns. An answer that nothing waits for any more goes to
   * `late`: what it did may have to be undone. `heard` gets every answer first, and what it throws
   * is an error of the store.
   */
  ask<Answer, Said extends Answer>(
    work: (inquiry: Inquiry) => Said | Promise<Said>,
    instead: (error: unknown) => Answer | Promise<Answer>,
    late: (answer: Said) => void = () => {},
    heard: (answer: Said) => void = () => {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const question = new Question<Answer>(this.#round, { instead, resolve, reject }, this.#lapse)
      if (this.#open) return question.answerInstead(new OpenCircuitError())
      if (this.#pending >= MAX_PENDING) return question.answerInstead(this.#full())
      this.#pending++
      this.#deadlines.add(question)
      const rejected = (error: unknown): void => {
        this.#settled(question)
        if (!question.lapsed) this.#failed(question, error)
      }
      const answered = (answer: Said): void => {
        try {
          heard(answer)
        } catch (error) {
          rejected(error)
          return
        }
        this.#settled(question)
        if (question.lapsed) {
          late(answer)
          return
        }
        this.#failures = 0
        resolve(answer)
      }
      try {
        const answer = work(question)
        if (answer instanceof Promise) answer.then(answered, rejected)
        else answered(answer)
      } catch (error) {
        rejected(error)
      }
    })
  }

  /** Opens at once: for callers that know by other means that nobody is there to answer. */
  open(error: unknown): void {
    if (!this.#open) this.#trip(error)
  }

  /**
   * A burst is not a failure of the store. Questions that stay unanswered are one, once per
   * deadline.
   */
  #full(): DeadlineError {
    const error = new DeadlineError(this.#deadline)
    if (performance.now() - this.#failedAt >= this.#deadline) this.#fail(error)
    return error
  }

  #settled(question: Due): void {
    this.#pending--
    this.#deadlines.remove(question)
  }

  /** One function for all questions: they are many. */
  readonly #lapse = (question: Asked): void => {
    this.#failed(question, new DeadlineError(this.#deadline))
  }

  #failed(question: Asked, error: unknown): void {
    if (question.round === this.#round) this.#fail(error)
    question.answerInstead(error)
  }

  #fail(error: unknown): void {
    const now = performance.now()
    const isInRow = now - this.#failedAt <= ROW_ENDS + this.#deadline
    this.#failures = isInRow ? this.#failures + 1 : 1
    this.#failedAt = now
    this.#round++
    if (!this.#open && this.#failures >= FAILURES) this.#trip(error)
  }

  #trip(error: unknown): void {
    this.#open = true
    this.#tell({ state: 'unavailable', error, node: this.#node })
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
    this.#tell({ state: 'available', error: undefined, node: this.#node })
  }

  #tell(state: StoreState): void {
    for (const listener of this.#listeners) {
      try {
        // To the type checker, a function that awaits something is one that returns nothing.
        Promise.resolve(listener(state)).catch(warn)
      } catch (error) {
        warn(error)
      }
    }
  }
}

/** A listener's fault must not keep the store closed, nor take the process down. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}

/** What a breaker needs of a question, whatever its answer is. */
interface Asked {
  /** Failures that were counted before it was asked. */
  readonly round: number
  answerInstead(error: unknown): void
}

interface Ways<Answer> {
  readonly instead: (error: unknown) => Answer | Promise<Answer>
  readonly resolve: (answer: Answer | Promise<Answer>) => void
  readonly reject: (error: unknown) => void
}

class Question<Answer> extends Due implements Inquiry, Asked {
  lapsed = false
  readonly round: number
  readonly #ways: Ways<Answer>
  readonly #onLapse: (question: Asked) => void

  constructor(round: number, ways: Ways<Answer>, onLapse: (question: Asked) => void) {
    super()
    this.round = round
    this.#ways = ways
    this.#onLapse = onLapse
  }

  lapse(): void {
    this.lapsed = true
    this.#onLapse(this)
  }

  answerInstead(error: unknown): void {
    const { instead, resolve, reject } = this.#ways
    try {
      resolve(instead(error))
    } catch (thrown) {
      reject(thrown)
    }
  }
}
