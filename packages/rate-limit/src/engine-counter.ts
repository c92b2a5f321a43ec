import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Count, Counter } from './store.js'

/** An engine that counts outside this process. */
export class EngineCounter implements Counter {
  readonly #engine: RateLimiterAbstract

  constructor(engine: RateLimiterAbstract) {
    this.#engine = engine
  }

  charge(key: string, cost: number): Promise<Count> {
    return this.#engine.consume(key, cost).then(countOf, (reason: unknown) => {
      if (reason instanceof RateLimiterRes) return countOf(reason)
      throw reason
    })
  }

  async peek(key: string): Promise<Count | undefined> {
    const result = await this.#engine.get(key)
    return result === null ? undefined : countOf(result)
  }
}

function countOf({ consumedPoints, msBeforeNext }: RateLimiterRes): Count {
  return { consumed: consumedPoints, msLeft: msBeforeNext }
}
