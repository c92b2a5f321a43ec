import { RateLimiter, type RateLimitOptions } from '@truehop/rate-limit'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { headerFields, joined } from '../src/respond/header-fields.js'
import { rateLimitProblem } from '../src/respond/problem.js'
import { client } from './identities.js'

const A = client('198.51.100.7')

async function fieldsAfter(requests: number, options: RateLimitOptions<object>) {
  const limiter = new RateLimiter<object>(options)
  for (let i = 1; i < requests; i++) await limiter.decide(A, {})
  const decision = await limiter.decide(A, {})
  return Object.fromEntries(headerFields(decision, limiter.headers))
}

describe('the header fields', () => {
  test('have the form of draft-ietf-httpapi-ratelimit-headers-11', async () => {
    expect(await fieldsAfter(1, { limit: 100, window: 10 })).toEqual({
      'ratelimit-policy': '"default";q=100;w=10',
      ratelimit: '"default";r=99;t=10',
    })
  })

  test('say the whole window where it has just begun, whatever the clock reads', async () => {
    // Adding a second to this reading and taking it away again leaves a little over a second.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(3218.197191235949)
    try {
      expect(await fieldsAfter(1, { limit: 2, window: 1 })).toMatchObject({
        ratelimit: '"default";r=1;t=1',
      })
    } finally {
      clock.mockRestore()
    }
  })

  test('list each limit, the one that refuses and the one that has room', async () => {
    const limits = [
      { name: 'permin', limit: 50, window: 60 },
      { name: 'perhr', limit: 2, window: 3600 },
    ]
    expect(await fieldsAfter(1, { limits })).toEqual({
      'ratelimit-policy': '"permin";q=50;w=60, "perhr";q=2;w=3600',
      ratelimit: '"permin";r=49;t=60, "perhr";r=1;t=3600',
    })
    expect(await fieldsAfter(3, { limits })).toEqual({
      'ratelimit-policy': '"permin";q=50;w=60, "perhr";q=2;w=3600',
      ratelimit: '"permin";r=48;t=60, "perhr";r=0;t=3600',
      'retry-after': '3600',
    })
  })

  test('name a wider network where that is what refuses', async () => {
    const wider = [{ ipv4Prefix: 24, limit: 3, name: 'network' }]
    const limiter = new RateLimiter({ limit: 2, window: 60, wider })
    for (let i = 0; i < 3; i++) await limiter.decide(client(`198.51.100.${i}`), {})
    const decision = await limiter.decide(client('198.51.100.99'), {})
    expect(Object.fromEntries(headerFields(decision))).toEqual({
      'ratelimit-policy': '"default";q=2;w=60, "network";q=3;w=60',
      ratelimit: '"default";r=2;t=0, "network";r=0;t=60',
      'retry-after': '60',
    })
    expect(JSON.parse(rateLimitProblem(decision).body)['violated-policies']).toEqual(['network'])
  })

  test('escape a name as a String of RFC 9651, whatever it holds', async () => {
    const printable = fc
      .array(fc.integer({ min: 0x20, max: 0x7e }), { minLength: 1, maxLength: 60 })
      .map((codes) => String.fromCharCode(...codes))
    await fc.assert(
      fc.asyncProperty(printable, async (name) => {
        const fields = await fieldsAfter(1, { name, limit: 7, window: 9 })
        expect(readItem(fields['ratelimit-policy'])).toEqual([name, ';q=7;w=9'])
        expect(readItem(fields['ratelimit'])).toEqual([name, ';r=6;t=9'])
      }),
      { numRuns: 50 },
    )
  })

  test('of several limiters on one response: lists grow, the longest wait counts, a date does not', () => {
    expect(joined('ratelimit', '"a";r=1;t=2', '"b";r=3;t=4')).toBe('"a";r=1;t=2, "b";r=3;t=4')
    expect(joined('retry-after', '30', '7')).toBe('30')
    expect(joined('retry-after', 7, '30')).toBe('30')
    expect(joined('retry-after', 'Fri, 31 Dec 1999 23:59:59 GMT', '30')).toBe('30')
    expect(joined('x-ratelimit-limit', '5', '9')).toBe('9')
  })

  test('give the end of the window in the older form as a moment, if asked to', async () => {
    const before = Math.floor(Date.now() / 1000)
    const fields = await fieldsAfter(1, { limit: 5, window: 600, headers: 'legacy-epoch' })
    expect(Number(fields['x-ratelimit-reset'])).toBeGreaterThanOrEqual(before + 600)
    expect(Number(fields['x-ratelimit-reset'])).toBeLessThan(before + 700)
    expect(fields).not.toHaveProperty('ratelimit')
  })

  test('have the form of draft-ietf-httpapi-ratelimit-headers-07 where that is named', async () => {
    expect(await fieldsAfter(1, { limit: 100, window: 60, headers: 'draft-7' })).toEqual({
      'ratelimit-policy': '100;w=60',
      ratelimit: 'limit=100, remaining=99, reset=60',
    })
  })

  test('are left out where that is said, but for when to try again', async () => {
    expect(await fieldsAfter(1, { limit: 1, window: 60, headers: false })).toEqual({})
    expect(await fieldsAfter(2, { limit: 1, window: 60, headers: false })).toEqual({
      'retry-after': '60',
    })
  })
})

/** RFC 9651 section 4.2.5, character by character: the String at the front, and what follows. */
function readItem(field = ''): [string, string] {
  let text = ''
  for (let i = 1; i < field.length; i++) {
    if (field[i] === '"') return [text, field.slice(i + 1)]
    if (field[i] === '\\') i++
    text += field[i]
  }
  throw new Error(`no String: ${field}`)
}
