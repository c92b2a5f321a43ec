import type { Rule } from '../decide/rule.js'
import { RateLimitError } from '../limits/rate-limit-error.js'
import {
  type Answers,
  answersIn,
  CHANNEL,
  type Questions,
  readAnswer,
  sentAsk,
} from './cluster-messages.js'
import type { Act, Answer, Line, Store } from './store.js'

/** Milliseconds for the primary to say that it counts. */
const HELLO = 2000
/** Maximum number of unanswered questions. */
const MOST = 10_000

interface Waiting {
  readonly lines: number
  readonly answer: (answer: Answer) => void
  readonly fail: (error: Error) => void
}

let ofWorker: ClusterStore | undefined

/** Counts in the primary of node:cluster. Everything asked in one turn travels in one message. */
export class ClusterStore implements Store {
  readonly kind = 'cluster'
  readonly #waiting = new Map<number, readonly Waiting[]>()
  #asks: number[][] = []
  #rules = new Map<Rule, number>()
  #askers: Waiting[] = []
  #id = 0
  /** Undefined until it is known. */
  #isThere: boolean | undefined

  private constructor() {
    process.on('message', (message: unknown) => {
      const answers = answersIn(message)
      if (answers !== undefined) this.#hear(answers)
    })
    this.#greet()
  }

  /**
   * The one store of this worker.
   *
   * @throws {RateLimitError} `bad-store` if this process is not a worker.
   */
  static ofWorker(): ClusterStore {
    // Loaded where it is used: it takes as long to load as all of the limiter.
    const cluster: object = process.getBuiltinModule('node:cluster')
    if (Reflect.get(cluster, 'isWorker') !== true) {
      throw new RateLimitError(
        'bad-store',
        'store',
        "'cluster' counts in the primary for its workers, and this process is not a worker; leave store out here, and call startClusterStore() in the primary",
      )
    }
    ofWorker ??= new ClusterStore()
    return ofWorker
  }

  ask(act: Act, lines: readonly Line[]): Promise<Answer> {
    if (this.#isThere === false) {
      // A primary that begins to count later answers this, and is asked again from then on.
      this.#post({ channel: CHANNEL, id: 0, rules: [], asks: [] })
      return Promise.reject(new Error(NOBODY))
    }
    if (this.#waiting.size >= MOST) return Promise.reject(new Error('the primary does not answer'))
    if (this.#asks.length === 0) setImmediate(() => this.#send())
    this.#asks.push(sentAsk(act, lines, this.#placeOf))
    return new Promise((answer, fail) => this.#askers.push({ lines: lines.length, answer, fail }))
  }

  readonly #placeOf = (rule: Rule): number => {
    const place = this.#rules.get(rule) ?? this.#rules.size
    this.#rules.set(rule, place)
    return place
  }

  #send(): void {
    const [rules, asks, askers] = [[...this.#rules.keys()], this.#asks, this.#askers]
    this.#rules = new Map()
    this.#asks = []
    this.#askers = []
    this.#waiting.set(++this.#id, askers)
    this.#post({ channel: CHANNEL, id: this.#id, rules, asks })
  }

  #hear({ id, answers }: Answers): void {
    this.#isThere = true
    const waiting = this.#waiting.get(id) ?? []
    this.#waiting.delete(id)
    for (const [i, { lines, answer, fail }] of waiting.entries()) {
      const said = readAnswer(answers[i] ?? [], lines)
      if (said === undefined) fail(new Error('the primary did not answer every question'))
      else answer(said)
    }
  }

  /** Asks whether a primary counts, at start and not with the first request. */
  #greet(): void {
    this.#post({ channel: CHANNEL, id: 0, rules: [], asks: [] })
    setTimeout(() => {
      if (this.#isThere !== undefined) return
      this.#isThere = false
      for (const askers of this.#waiting.values()) {
        for (const { fail } of askers) fail(new Error(NOBODY))
      }
      this.#waiting.clear()
      process.emitWarning(NOBODY, { type: 'TruehopWarning', code: 'TRUEHOP_CLUSTER_STORE' })
    }, HELLO).unref()
  }

  #post(questions: Questions): void {
    // If the channel is closed, the primary is gone, and the deadline reports it.
    if (process.connected) process.send?.(questions, undefined, undefined, () => {})
  }
}

const NOBODY =
  "rate limits with store: 'cluster' are not counted over all workers: the primary does not answer. Call startClusterStore() in it before the first cluster.fork(); under PM2 or Passenger the primary is not yours: use Redis. Until then onStoreError says what happens."
