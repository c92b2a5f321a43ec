import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  Breaker as AnsweringBreaker,
  DeadlineError,
  type Inquiry,
  OpenCircuitError,
  type StoreState,
} from '../../src/store/breaker.js'

/** One that has nothing to say in place of an error. */
class Breaker extends AnsweringBreaker {
  override ask<Answer, Said extends Answer>(
    work: (inquiry: Inquiry) => Said | Promise<Said>,
    instead: (error: unknown) => Answer | Promise<Answer> = (error) => Promise.reject(error),
  ): Promise<Answer> {
    return super.ask(work, instead)
  }
}

const never = () => new Promise<never>(() => {})

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

async function fail(breaker: Breaker, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await breaker.ask(() => Promise.reject(new Error('READONLY'))).catch(() => {})
  }
}

describe('a question to the store', () => {
  test('is answered with what the store says', async () => {
    const breaker = new Breaker(50, never)
    await expect(breaker.ask(async () => 7)).resolves.toBe(7)
    await expect(breaker.ask(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  test('is abandoned within the deadline, and reported', async () => {
    const breaker = new Breaker(50, never)
    let told: { readonly lapsed: boolean } | undefined
    let outcome: unknown = 'waiting'
    breaker
      .ask((inquiry) => {
        told = inquiry
        return never()
      })
      .catch((error: unknown) => {
        outcome = error
      })
    await vi.advanceTimersByTimeAsync(47)
    expect(outcome).toBe('waiting')
    expect(told).toMatchObject({ lapsed: false })
    await vi.advanceTimersByTimeAsync(2)
    expect(outcome).toBeInstanceOf(DeadlineError)
    expect(told).toMatchObject({ lapsed: true })
  })

  test('whose answer has arrived while this process was busy is not given up', async () => {
    const breaker = new Breaker(50, never)
    let answer: (value: string) => void = () => {}
    const asked = breaker.ask(() => new Promise<string>((resolve) => (answer = resolve)))
    // Both are due when the process gets to its timers, as after a long pause.
    setTimeout(() => answer('late but here'), 48)
    await vi.advanceTimersByTimeAsync(200)
    await expect(asked).resolves.toBe('late but here')
  })

  test('has its own deadline, however many are asked before and after it', async () => {
    const breaker = new Breaker(50, never)
    const over: number[] = []
    for (let i = 0; i < 10; i++) {
      breaker.ask(i % 2 === 0 ? never : async () => 7).catch(() => over.push(i))
      await vi.advanceTimersByTimeAsync(7)
    }
    // Asked at 0, 14, 28, 42 and 56, and it is 70 now.
    expect(over).toEqual([0, 2])
    await vi.advanceTimersByTimeAsync(22)
    expect(over).toEqual([0, 2, 4, 6])
    await vi.advanceTimersByTimeAsync(20)
    expect(over).toEqual([0, 2, 4, 6, 8])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves no timer behind', async () => {
    const breaker = new Breaker(50, never)
    await breaker.ask(async () => 7)
    await breaker.ask(() => Promise.reject(new Error('no'))).catch(() => {})
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the breaker', () => {
  test('opens at the fifth failure in a row, and not for failures in between', async () => {
    const breaker = new Breaker(50, never)
    for (let i = 0; i < 10; i++) {
      await fail(breaker, 4)
      await breaker.ask(async () => 7)
    }
    expect(breaker.isOpen).toBe(false)
    await fail(breaker, 5)
    expect(breaker.isOpen).toBe(true)
  })

  test.each([
    ['late', never],
    ['refused', () => Promise.reject(new Error('Connection is closed.'))],
  ])('counts questions that were out together as one failure: %s', async (_, work) => {
    const breaker = new Breaker(50, never)
    for (let i = 1; i <= 5; i++) {
      expect(breaker.isOpen).toBe(false)
      for (let j = 0; j < 100; j++) void breaker.ask(work).catch(() => {})
      await vi.advanceTimersByTimeAsync(51)
    }
    expect(breaker.isOpen).toBe(true)
  })

  test('counts what was asked after one slow reply as one failure, in whatever turn', async () => {
    const breaker = new Breaker(50, never)
    // The store stands still for 80 ms, and one question a millisecond comes in.
    for (let i = 0; i < 80; i++) {
      const answer = new Promise((resolve) => setTimeout(resolve, 80 - i))
      void breaker.ask(() => answer).catch(() => {})
      await vi.advanceTimersByTimeAsync(1)
    }
    await vi.advanceTimersByTimeAsync(100)
    expect(breaker.isOpen).toBe(false)
    await expect(breaker.ask(async () => 7)).resolves.toBe(7)
  })

  test('does not open for failures that are far apart', async () => {
    const breaker = new Breaker(50, never)
    for (let i = 0; i < 20; i++) {
      await fail(breaker, 1)
      await vi.advanceTimersByTimeAsync(11_000)
    }
    expect(breaker.isOpen).toBe(false)
    await fail(breaker, 5)
    expect(breaker.isOpen).toBe(true)
  })

  test('does not open for a burst of more questions than may be out', async () => {
    const breaker = new Breaker(50, never)
    const answers: (() => void)[] = []
    const work = () => new Promise<void>((resolve) => answers.push(resolve))
    for (let i = 0; i < 6000; i++) void breaker.ask(work).catch(() => {})
    expect(answers).toHaveLength(5000)
    for (const answer of answers) answer()
    await vi.advanceTimersByTimeAsync(1)
    expect(breaker.isOpen).toBe(false)
    await expect(breaker.ask(async () => 7)).resolves.toBe(7)
  })

  test('asks nothing while it is open', async () => {
    const breaker = new Breaker(50, never)
    await fail(breaker, 5)
    const work = vi.fn(async () => 7)
    await expect(breaker.ask(work)).rejects.toBeInstanceOf(OpenCircuitError)
    expect(work).not.toHaveBeenCalled()
  })

  test('closes when a probe is answered in time', async () => {
    const probe = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValueOnce('yes')
    const breaker = new Breaker(50, probe)
    const states: StoreState[] = []
    breaker.onState((state) => states.push(state))
    await fail(breaker, 5)
    await vi.advanceTimersByTimeAsync(999)
    expect(probe).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(probe).toHaveBeenCalledTimes(1)
    expect(breaker.isOpen).toBe(true)
    await vi.advanceTimersByTimeAsync(1000)
    expect(probe).toHaveBeenCalledTimes(2)
    expect(breaker.isOpen).toBe(false)
    expect(states.map(({ state }) => state)).toEqual(['unavailable', 'available'])
    expect(String(states[0]?.error)).toContain('READONLY')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(probe).toHaveBeenCalledTimes(2)
  })

  test('stays open for a store that answers, but too late', async () => {
    const probe = () => new Promise((resolve) => setTimeout(resolve, 60))
    const breaker = new Breaker(50, probe)
    await fail(breaker, 5)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(breaker.isOpen).toBe(true)
  })

  test('has one probe out at a time, and gives up one that is lost', async () => {
    const probe = vi.fn(never)
    const breaker = new Breaker(50, probe)
    await fail(breaker, 5)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(probe).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(probe).toHaveBeenCalledTimes(2)
  })

  test('has no more than 5000 questions out, whoever else still answers', async () => {
    const breaker = new Breaker(50, never)
    const work = vi.fn(never)
    let pending = 0
    for (let i = 0; i < 1500; i++) {
      for (let j = 0; j < 4; j++) void breaker.ask(work).catch(() => {})
      await vi.advanceTimersByTimeAsync(51)
      // Another node of the cluster answers: the failures are never five in a row.
      if (breaker.pending < 5000) await breaker.ask(async () => 7)
      pending = Math.max(pending, breaker.pending)
    }
    expect(pending).toBe(5000)
    expect(work).toHaveBeenCalledTimes(5000)
  })

  const throws = (): never => {
    throw new Error('of the listener')
  }

  test.each([
    ['throws', throws],
    ['rejects', async () => throws()],
  ])('goes on when a listener %s', async (_, listener) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const breaker = new Breaker(50, async () => 'yes')
    breaker.onState(listener)
    await fail(breaker, 5)
    await vi.advanceTimersByTimeAsync(1000)
    expect(breaker.isOpen).toBe(false)
    expect(warned).toHaveBeenCalledTimes(2)
    warned.mockRestore()
  })
})
