import type { Keyspace } from './keyspace.js'
import { type Question, Questions } from './questions.js'
import type { RedisScript } from './redis-script.js'
import type { Count, Counter, EngineSpec } from './store.js'

/** The scripts that all counters of one client run. */
export interface CountingScripts {
  readonly charge: RedisScript
  readonly peek: RedisScript
}

/** Counts one quota in Redis, under keys that begin with a prefix and a colon. */
export class RedisCounter implements Counter {
  readonly #prefix: string
  readonly #charges: Questions<Count>
  readonly #looks: Questions<Count | undefined>

  constructor(keyspace: Keyspace, scripts: CountingScripts, spec: EngineSpec, prefix: string) {
    const quota = [spec.window, spec.limit, spec.blockDuration].map(String)
    this.#prefix = `${prefix}:`
    this.#charges = new Questions(keyspace, {
      run: (questions) => scripts.charge(questions.map(keyOf), [...quota, ...costsOf(questions)]),
      read: countOf,
    })
    this.#looks = new Questions(keyspace, {
      run: (questions) => scripts.peek(questions.map(keyOf), []),
      read: (consumed, msLeft) => (consumed === null ? undefined : countOf(consumed, msLeft)),
    })
  }

  charge(key: string, cost: number): Promise<Count> {
    return this.#charges.ask(this.#prefix + key, cost)
  }

  peek(key: string): Promise<Count | undefined> {
    return this.#looks.ask(this.#prefix + key, 0)
  }
}

function keyOf({ key }: Question): string {
  return key
}

/** None where all are 1, as they mostly are. */
function costsOf(questions: readonly Question[]): string[] {
  if (questions.every(({ cost }) => cost === 1)) return []
  return questions.map(({ cost }) => String(cost))
}

/** Throws what Redis says against the key, where it does. */
function countOf(consumed: unknown, msLeft: unknown): Count {
  const count = { consumed: Number(consumed), msLeft: Number(msLeft) }
  if (consumed === null || Number.isNaN(count.consumed)) throw new Error(String(consumed))
  return count
}
