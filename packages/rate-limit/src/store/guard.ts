import type { Metrics } from '@truehop/ip/internal'
import type { Rule } from '../decide/rule.js'
import { Key } from '../limits/key.js'
import { guardMetrics } from '../metrics/store-metrics.js'
import { STORE_ANSWERS, type StoreMessage } from '../respond/channels.js'
import { Breaker, DeadlineError, type StoreState } from './breaker.js'
import {
  type Act,
  type Answer,
  isAnswer,
  type Line,
  ONE_PLACE,
  type Place,
  type Store,
} from './store.js'
import type { UsedUp } from './used-up.js'

const PROBE_RULE: Rule = {
  name: 'probe',
  algorithm: 'fixed-window',
  window: 60_000,
  ban: undefined,
  refunds: false,
}
const PROBE = { rule: PROBE_RULE, limit: 1, capacity: 1, cost: 1, shadow: false } as const

/** Lines of one request that are decided together. */
export interface Group<L extends Line = Line> {
  readonly place: Place
  readonly lines: readonly L[]
}

/**
 * Sits between the limiters and a store that can be slow, frozen or gone: a breaker for each node,
 * so that a failing node does not affect the clients of the others.
 */
export class Guard {
  readonly #store: Store
  readonly #deadline: number
  readonly #breakers = new Map<string, Breaker>()
  readonly #listeners = new Set<(state: StoreState) => void>()
  readonly #usedUp: UsedUp
  readonly metrics: Metrics

  /** `deadline` in milliseconds. */
  constructor(store: Store, deadline: number, usedUp: UsedUp) {
    this.#store = store
    this.#deadline = deadline
    this.#usedUp = usedUp
    this.metrics = guardMetrics(store.kind, this.#breakers)
  }

  onState(listener: (state: StoreState) => void): void {
    this.#listeners.add(listener)
    for (const breaker of this.#breakers.values()) breaker.onState(listener)
  }

  /** Lines by where they are counted, in their order. */
  groups<L extends Line>(lines: readonly L[]): Group<L>[] {
    const { place } = this.#store
    if (place === undefined) return [{ place: ONE_PLACE, lines }]
    const [only] = lines
    if (only !== undefined && lines.length === 1) {
      return [{ place: place.call(this.#store, only), lines }]
    }
    const groups = new Map<string, { place: Place; lines: L[] }>()
    for (const line of lines) {
      const at = place.call(this.#store, line)
      const group = groups.get(at.group)
      if (group === undefined) groups.set(at.group, { place: at, lines: [line] })
      else group.lines.push(line)
    }
    return [...groups.values()]
  }

  /**
   * What the store answers; `undefined` if it gives no answer within the deadline, at once if that
   * is already known. An answer that comes too late goes to `late`.
   */
  ask(
    act: Act,
    { lines, place }: Group,
    late: (answer: Answer) => void = nothing,
  ): Answer | undefined | Promise<Answer | undefined> {
    const known = act.do === 'take' ? this.#usedUp.answer(lines) : undefined
    if (known !== undefined) return known
    const breaker = this.#breakerOf(place, lines)
    if (breaker.isOpen) return undefined
    if (STORE_ANSWERS.hasSubscribers) return this.#timed(breaker, act, { lines, place }, late)
    return breaker.ask<Answer | undefined, Answer>(
      () => this.#store.ask(act, lines, place),
      nothing,
      late,
      (answer) => this.#heard(act, lines, answer),
    )
  }

  async #timed(
    breaker: Breaker,
    act: Act,
    { lines, place }: Group,
    late: (answer: Answer) => void,
  ): Promise<Answer | undefined> {
    const since = performance.now()
    let failure: StoreMessage['error']
    const answer = await breaker.ask<Answer | undefined, Answer>(
      () => this.#store.ask(act, lines, place),
      (error) => {
        failure = error instanceof DeadlineError ? 'timeout' : '_OTHER'
        return undefined
      },
      late,
      (said) => this.#heard(act, lines, said),
    )
    const message: StoreMessage = {
      store: this.#store.kind,
      node: place.node,
      seconds: (performance.now() - since) / 1000,
      ...(failure === undefined ? {} : { error: failure }),
    }
    STORE_ANSWERS.publish(message)
    return answer
  }

  /** Throws where something else is said than an answer: a store of the application may say anything. */
  #heard(act: Act, lines: readonly Line[], answer: Answer): void {
    if (!isAnswer(answer)) throw new TypeError('the store did not answer as it was asked')
    if (act.do === 'take') this.#usedUp.learn(lines, answer)
    else if (act.do !== 'peek') this.#usedUp.forget(lines)
  }

  #breakerOf(place: Place, lines: readonly Line[]): Breaker {
    const known = this.#breakers.get(place.node)
    if (known !== undefined) return known
    // A charge rather than a look: a replica that became read-only answers everything but writes.
    const key = Key.ofText('probe', 0)
    const line: Line = { ...PROBE, key, home: lines[0]?.home ?? lines[0]?.key }
    const probe = async () => this.#store.ask({ do: 'charge' }, [line], place)
    const breaker = new Breaker(this.#deadline, probe, place.node)
    // A store that is back may have lost what it said.
    breaker.onState(({ state }) => state === 'available' && this.#usedUp.clear())
    for (const listener of this.#listeners) breaker.onState(listener)
    this.#breakers.set(place.node, breaker)
    return breaker
  }
}

function nothing(): undefined {}
