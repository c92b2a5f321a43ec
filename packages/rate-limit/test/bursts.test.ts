import { RateLimiter, type RateLimitOptions } from '@truehop/rate-limit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AlgorithmName } from '../src/decide/rule.js'
import { client } from './identities.js'

const A = client('198.51.100.7')

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** One request, nine just before its second is over, and ten just after it: within 94 ms. */
async function aroundTheEnd(options: RateLimitOptions<object>): Promise<number> {
  const limiter = new RateLimiter(options)
  const ask = async (n: number) => {
    let admitted = 0
    for (let i = 0; i < n; i++) if ((await limiter.decide(A, {})).allowed) admitted++
    return admitted
  }
  await ask(1)
  vi.advanceTimersByTime(950)
  const before = await ask(9)
  vi.advanceTimersByTime(94)
  return before + (await ask(10))
}

describe('a burst at the end of a window', () => {
  test.each([
    ['sliding-window', 10],
    // The burst, and what comes back in 1.044 s.
    ['token-bucket', 10],
    // Its bound: twice the limit, less the request that began the window.
    ['fixed-window', 19],
  ] as const)('%s admits %i of 10 within 94 ms', async (algorithm: AlgorithmName, expected) => {
    expect(await aroundTheEnd({ limit: 10, window: 1, algorithm })).toBe(expected)
  })

  test('finds the sliding window by default', async () => {
    expect(await aroundTheEnd({ limit: 10, window: 1 })).toBe(10)
  })
})
