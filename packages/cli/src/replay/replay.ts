import type { Evidence, Policy } from '@truehop/identity'
import type { Sample, Unreadable } from '../evidence/sample.js'
import { type Answer, answerOf, type Outcome, outcomeOf } from './outcome.js'
import { answerIn } from './told.js'

export interface OutcomeCount extends Outcome {
  readonly count: number
}

/** One request to which two policies give different answers. */
export interface Difference {
  readonly number: number
  readonly peer: string | undefined
  readonly before: Outcome & { readonly client: string }
  readonly after: Outcome & { readonly client: string }
}

/** One request whose client the policy cannot name. */
export interface Unnamed extends Outcome {
  readonly number: number
  readonly peer: string | undefined
}

export interface ReplayReport {
  readonly requests: number
  readonly undetermined: number
  /** Connections that the receiver of PROXY headers would refuse. */
  readonly refused: number
  /** The most frequent first. */
  readonly outcomes: readonly OutcomeCount[]
  /** The first requests that are undetermined, or whose connection would be refused. */
  readonly unnamedExamples: readonly Unnamed[]
  readonly unreadable: number
  /** The first ones. */
  readonly unreadableExamples: readonly Unreadable[]
  /** Undefined if there was no second policy. */
  readonly against:
    | {
        readonly differences: number
        readonly undetermined: number
        readonly refused: number
        readonly outcomes: readonly OutcomeCount[]
        /** The first ones. */
        readonly examples: readonly Difference[]
      }
    | undefined
}

/** Counts what policies answer. Memory grows with the policies' outcomes, not with the requests. */
export class Replay {
  readonly #policy: Policy
  readonly #against: Policy | undefined
  readonly #show: number
  readonly #before = new Tally()
  readonly #after = new Tally()
  readonly #examples: Difference[] = []
  readonly #unnamed: Unnamed[] = []
  readonly #unreadable: Unreadable[] = []
  #differences = 0
  #unreadableCount = 0

  /** `show`: how many examples are kept of requests without a client, differences, and unreadable records. */
  constructor(policy: Policy, against: Policy | undefined, show: number) {
    this.#policy = policy
    this.#against = against
    this.#show = show
  }

  take(sample: Sample | Unreadable): void {
    if ('fault' in sample) {
      this.#refuse(sample)
      return
    }
    const { number, evidence } = sample
    const before = answerIn(this.#policy, sample)
    const after = this.#against && answerIn(this.#against, sample)
    const fault = [before, after].find((answer) => typeof answer === 'string')
    if (fault !== undefined) this.#refuse({ number, fault })
    if (typeof before === 'string' || typeof after === 'string') return
    this.#before.add(before)
    if (before.status !== 'resolved' && this.#unnamed.length < this.#show) {
      this.#unnamed.push({ number, peer: evidence.peer, ...outcomeOf(before) })
    }
    if (after !== undefined) this.#compare(sample, before, after)
  }

  #refuse(record: Unreadable): void {
    this.#unreadableCount++
    if (this.#unreadable.length < this.#show) this.#unreadable.push(record)
  }

  #compare({ number, evidence }: Sample, before: Answer, after: Answer): void {
    this.#after.add(after)
    if (answerOf(before) === answerOf(after)) return
    this.#differences++
    if (this.#examples.length < this.#show) {
      this.#examples.push(differenceOf(number, evidence, before, after))
    }
  }

  report(): ReplayReport {
    return {
      requests: this.#before.requests,
      undetermined: this.#before.undetermined,
      refused: this.#before.refused,
      outcomes: this.#before.outcomes(),
      unnamedExamples: this.#unnamed,
      unreadable: this.#unreadableCount,
      unreadableExamples: this.#unreadable,
      against: this.#against && {
        differences: this.#differences,
        undetermined: this.#after.undetermined,
        refused: this.#after.refused,
        outcomes: this.#after.outcomes(),
        examples: this.#examples,
      },
    }
  }
}

function differenceOf(
  number: number,
  { peer }: Evidence,
  before: Answer,
  after: Answer,
): Difference {
  return {
    number,
    peer,
    before: { client: answerOf(before), ...outcomeOf(before) },
    after: { client: answerOf(after), ...outcomeOf(after) },
  }
}

class Tally {
  readonly #counts = new Map<string, { outcome: Outcome; count: number }>()
  requests = 0
  undetermined = 0

  refused = 0

  add(answer: Answer): void {
    this.requests++
    if (answer.status === 'undetermined') this.undetermined++
    if (answer.status === 'refused') this.refused++
    const { reason, source, rule = '' } = answer
    const key = `${reason} ${source} ${rule}`
    const found = this.#counts.get(key)
    if (found === undefined) this.#counts.set(key, { outcome: outcomeOf(answer), count: 1 })
    else found.count++
  }

  outcomes(): OutcomeCount[] {
    const counts = [...this.#counts.values()].map(({ outcome, count }) => ({ ...outcome, count }))
    return counts.sort((a, b) => b.count - a.count)
  }
}
