/** Something that is waited for, but not for ever. */
export abstract class Due {
  /** When waiting ends, on the clock of `performance.now()`; and its neighbours in the row. */
  end = 0
  before: Due | undefined
  after: Due | undefined

  /** Called once, in time, unless `remove` came before. */
  abstract lapse(): void
}

/**
 * Maximum number of milliseconds by which waiting ends early. Timers fire late, by a millisecond on
 * an idle machine, and the fallback takes time as well: with this margin, the deadline is kept.
 */
const EARLY = 2
/** Milliseconds: deadlines that close are served by one firing of the timer. */
const TOGETHER = 1

/**
 * Deadlines that are all equally long, so that the first to begin is the first to end: one timer
 * serves all of them, instead of one for each.
 */
export class Deadlines {
  readonly #length: number
  #first: Due | undefined
  #last: Due | undefined
  #timer: NodeJS.Timeout | undefined

  /** `deadline` in milliseconds, 1 or more. */
  constructor(deadline: number) {
    this.#length = Math.max(1, deadline - EARLY)
  }

  /** Only once for each. */
  add(due: Due): void {
    due.end = performance.now() + this.#length
    due.before = this.#last
    if (this.#last === undefined) this.#first = due
    else this.#last.after = due
    this.#last = due
    this.#timer ??= setTimeout(this.#look, this.#length)
  }

  /** Does nothing for one that has lapsed. */
  remove(due: Due): void {
    if (due.before === undefined && this.#first !== due) return
    this.#unlink(due)
    if (this.#first !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #unlink(due: Due): void {
    if (due.before === undefined) this.#first = due.after
    else due.before.after = due.after
    if (due.after === undefined) this.#last = due.before
    else due.after.before = due.before
    due.before = undefined
    due.after = undefined
  }

  #look = (): void => {
    this.#timer = undefined
    // After a pause of this process an answer may be waiting in the socket: let it be read.
    if (this.#first !== undefined && this.#isOver(this.#first)) setImmediate(this.#lapse)
    else this.#waitOn()
  }

  #lapse = (): void => {
    while (this.#first !== undefined && this.#isOver(this.#first)) {
      const due = this.#first
      this.#unlink(due)
      due.lapse()
    }
    this.#waitOn()
  }

  #waitOn(): void {
    if (this.#first === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(this.#look, this.#first.end - performance.now())
  }

  #isOver(due: Due): boolean {
    return due.end <= performance.now() + TOGETHER
  }
}
