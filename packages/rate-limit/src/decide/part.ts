import type { Guard } from '../store/guard.js'
import type { Store } from '../store/store.js'
import { type Answer, ONE_PLACE, type Place } from '../store/store.js'
import type { Charge } from './charge.js'
import type { Asked, CountedBy } from './decision.js'

/** The charges of one request that are counted in one place, and the answer to them. */
export interface Part<Request> {
  readonly charges: readonly Charge<Request>[]
  readonly place: Place
  readonly by: CountedBy
  /** Undefined if nothing was counted. */
  readonly answer: Answer | undefined
}

/** Where the charges of one part were entered, so that they can be changed there. */
export interface Books {
  readonly guard: Guard | undefined
  /** The store without a guard: one of this process. */
  readonly memory: Store
}

/** Milliseconds between attempts at a correction, and how many there are. */
const AGAIN = 1000
const TRIES = 60
/** Maximum number of corrections waiting to be retried, over all limiters of this process. */
const MOST_WAITING = 10_000
let waiting = 0

/**
 * Enters what a request did not use, or used beyond what it was charged. Nobody waits for it.
 *
 * A correction that was not sent, because the store is known to be away, is retried for a minute.
 * One that may have arrived is not: entered twice, it would admit more than the limit. What is lost
 * that way comes back by itself, with its window.
 */
export function correct<Request>(
  books: Books,
  part: Part<Request>,
  charges: readonly Charge<Request>[],
  act: { readonly do: 'charge' } | { readonly do: 'refund'; readonly since: number },
  tries = TRIES,
): void {
  if (charges.length === 0 || part.by === 'nobody') return
  if (part.by === 'local' || books.guard === undefined) {
    void books.memory.ask(act, charges, ONE_PLACE)
    return
  }
  const said = books.guard.ask(act, { place: part.place, lines: charges })
  if (said !== undefined || tries <= 1 || waiting >= MOST_WAITING) return
  waiting++
  setTimeout(() => {
    waiting--
    correct(books, part, charges, act, tries - 1)
  }, AGAIN).unref()
}

export function areAll<T>(values: readonly (T | Promise<T>)[]): values is readonly T[] {
  return !values.some((value) => value instanceof Promise)
}

/** A loop: this is done for every request. */
export function askedOf<Request>(parts: readonly Part<Request>[]): Asked[] {
  const asked: Asked[] = []
  for (const { charges, answer } of parts) {
    for (let i = 0; i < charges.length; i++) {
      const charge = charges[i]
      if (charge !== undefined) asked.push({ charge, count: answer?.counts[i] })
    }
  }
  return asked
}

/** A charge that was not taken: a shadow without room. */
export function isLeft<Request>({ answer }: Part<Request>, i: number): boolean {
  return answer?.done !== true || (answer.counts[i]?.wait ?? 0) > 0
}
