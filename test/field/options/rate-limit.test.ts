import { setTimeout as sleep } from 'node:timers/promises'
import {
  MemoryStore,
  type RateLimitDecision,
  type RateLimitOptions,
  type Store,
} from '@truehop/rate-limit'
import { rateLimit as expressLimit } from '@truehop/rate-limit/express'
import {
  type FastifyRateLimitOptions,
  rateLimit as fastifyLimit,
} from '@truehop/rate-limit/fastify'
import type { Request as ExpressRequest } from 'express'
import { describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { expressSite, fastifySite, type Site, stopAfterEach } from './site.js'

/** Both frameworks' requests have these. */
interface Request {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}
/** As JavaScript hands them over. */
type Options = Readonly<Record<string, unknown>>
type Limited = (options: Options) => Promise<Site>

stopAfterEach()

/** The largest limit. */
const MOST = 999_999_999_999_999
const BASE = { limit: 2, window: 600 }
const user = ({ headers }: Request) => String(headers['x-user'] ?? '') || undefined
const as = (name: string) => ({ headers: { 'x-user': name } })

/** A store that never answers, as one that is out of reach. */
const silent = (): Store => ({ kind: 'silent', ask: () => new Promise(() => {}) })

const isBounded = (
  option: string,
  value: string,
  more: object | (() => object),
  expected: readonly number[],
) => ({
  option,
  value,
  sees: async (limited: Limited) => {
    const options = { ...BASE, ...(typeof more === 'function' ? more() : more) }
    expect(await (await limited(options)).statuses(expected.length)).toEqual(expected)
  },
})

const LIMITS: readonly OptionCase<Limited>[] = [
  {
    option: 'name',
    value: '1',
    sees: async (limited) => {
      const { headers } = await (await limited({ ...BASE, name: 'a' })).ask()
      expect(headers['ratelimit-policy']).toBe('"a";q=2;w=600')
    },
  },
  {
    option: 'name',
    value: '128',
    sees: async (limited) => {
      const name = '"\\'.padEnd(128, 'x')
      const { headers } = await (await limited({ ...BASE, name })).ask()
      expect(headers['ratelimit']).toContain(`"\\"\\\\${'x'.repeat(126)}"`)
    },
  },
  {
    option: 'name',
    value: 'default',
    sees: async (limited) => {
      expect((await (await limited(BASE)).ask()).headers['ratelimit-policy']).toContain('"default"')
    },
  },
  isBounded('limit', '1', { limit: 1 }, [200, 429]),
  isBounded('limit', '999999999999999', { limit: 999_999_999_999_999 }, [200, 200, 200]),
  isBounded('limit', 'a function', { limit: () => 1 }, [200, 429]),
  {
    option: 'window',
    value: '1',
    sees: async (limited) => {
      const site = await limited({ limit: 1, window: 1 })
      expect(await site.statuses(2)).toEqual([200, 429])
      await sleep(1200)
      expect((await site.ask()).status).toBe(200)
    },
  },
  {
    option: 'window',
    value: '10000000000',
    sees: async (limited) => {
      const site = await limited({ limit: 1, window: 10_000_000_000 })
      expect(await site.statuses(2)).toEqual([200, 429])
      expect(Number((await site.ask()).headers['retry-after'])).toBeGreaterThan(9_999_999_000)
    },
  },
  isBounded('window', 'a function', { window: () => 600 }, [200, 200, 429]),
  isBounded('algorithm', 'sliding-window', { algorithm: 'sliding-window' }, [200, 200, 429]),
  isBounded('algorithm', 'token-bucket', { algorithm: 'token-bucket' }, [200, 200, 429]),
  isBounded('algorithm', 'fixed-window', { algorithm: 'fixed-window' }, [200, 200, 429]),
  isBounded('burst', '1', { limit: 3, algorithm: 'token-bucket', burst: 1 }, [200, 429]),
  isBounded(
    'burst',
    '999999999999999',
    { algorithm: 'token-bucket', burst: 999_999_999_999_999 },
    [200, 200, 200],
  ),
  isBounded('burst', 'token-bucket', { algorithm: 'token-bucket', burst: 3 }, [200, 200, 200, 429]),
  ...prefixCases('ipv4Prefix', [
    ['0', '203.0.113.9', 429],
    ['32', '198.51.100.8', 200],
  ]),
  ...prefixCases('ipv6Prefix', [
    ['0', '2001:db9::1', 429],
    ['128', '2001:db8::2', 200],
  ]),
  {
    option: 'wider',
    value: 'one',
    sees: async (limited) => {
      const site = await limited({ ...BASE, wider: [{ ipv4Prefix: 24, limit: 3 }] })
      const asked = ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4']
      const seen: number[] = []
      for (const ip of asked) seen.push((await site.ask({ as: ip })).status)
      expect(seen).toEqual([200, 200, 200, 429])
      expect((await site.ask({ as: '198.51.101.1' })).status).toBe(200)
    },
  },
  {
    option: 'key',
    value: 'a function',
    sees: async (limited) => {
      const site = await limited({ ...BASE, key: user })
      expect(await site.statuses(3, as('ada'))).toEqual([200, 200, 429])
      expect((await site.ask(as('bob'))).status).toBe(200)
      expect((await site.ask({ as: '203.0.113.9', ...as('ada') })).status).toBe(200)
    },
  },
  {
    option: 'standalone',
    value: 'true',
    sees: async (limited) => {
      const site = await limited({ ...BASE, key: user, standalone: true })
      expect(await site.statuses(2, as('ada'))).toEqual([200, 200])
      expect((await site.ask({ as: '203.0.113.9', ...as('ada') })).status).toBe(429)
      expect(await site.statuses(5)).toEqual([200, 200, 200, 200, 200])
    },
  },
  {
    option: 'standalone',
    value: 'false',
    sees: async (limited) => {
      const site = await limited({ ...BASE, key: user, standalone: false })
      expect(await site.statuses(3)).toEqual([200, 200, 429])
    },
  },
  isBounded('cost', '0', { cost: 0 }, [200, 200, 200, 200]),
  isBounded(
    'cost',
    '999999999999999',
    { limit: 999_999_999_999_999, cost: 999_999_999_999_999 },
    [200, 429],
  ),
  isBounded('cost', 'a function', { cost: () => 2 }, [200, 429]),
  {
    option: 'charge',
    value: 'a function',
    sees: async (limited) => {
      const site = await limited({
        ...BASE,
        charge: ({ statusCode }: { statusCode?: number }) => statusCode !== 200,
      })
      for (let i = 0; i < 5; i++) {
        expect((await site.ask()).status).toBe(200)
        await sleep(20)
      }
    },
  },
  {
    option: 'concurrent',
    value: 'true',
    sees: async (limited) => {
      const site = await limited({ limit: 1, window: 600, concurrent: true })
      for (let i = 0; i < 3; i++) {
        expect((await site.ask()).status).toBe(200)
        await sleep(20)
      }
    },
  },
  isBounded('concurrent', 'false', { concurrent: false }, [200, 200, 429]),
  {
    option: 'skip',
    value: 'true',
    sees: async (limited) => {
      const site = await limited({ ...BASE, skip: (request: Request) => user(request) === 'ada' })
      expect(await site.statuses(4, as('ada'))).toEqual([200, 200, 200, 200])
      expect(await site.statuses(3, as('bob'))).toEqual([200, 200, 429])
    },
  },
  {
    option: 'allow',
    value: 'prefixes',
    sees: async (limited) => {
      const site = await limited({ ...BASE, allow: ['198.51.100.0/24'] })
      expect(await site.statuses(4)).toEqual([200, 200, 200, 200])
      expect(await site.statuses(3, { as: '203.0.113.9' })).toEqual([200, 200, 429])
    },
  },
  ...['0', '10000000000'].map((value) => ({
    option: 'blockDuration',
    value,
    sees: async (limited: Limited) => {
      const site = await limited({ ...BASE, blockDuration: Number(value) })
      expect(await site.statuses(3)).toEqual([200, 200, 429])
      const { headers } = await site.ask()
      const wait = Number(headers['retry-after'])
      if (value === '0') expect(wait).toBeLessThanOrEqual(600)
      else expect(wait).toBeGreaterThan(9_999_999_000)
    },
  })),
  {
    option: 'ban',
    value: 'an object',
    sees: async (limited) => {
      const site = await limited({ ...BASE, ban: { for: 5000 } })
      await site.statuses(3)
      expect(Number((await site.ask()).headers['retry-after'])).toBeGreaterThan(4900)
    },
  },
  banCase('ban.after', '1', { after: 1, for: 5000 }, 3, 5000),
  banCase('ban.after', '1000000', { after: 1_000_000, for: 5000 }, 3, 600),
  banCase('ban.for', '1', { for: 1 }, 3, 600),
  banCase('ban.for', '10000000000', { for: 10_000_000_000 }, 3, 10_000_000_000),
  banCase('ban.backOff', '1', { for: 5000, backOff: 1 }, 3, 5000),
  banCase('ban.backOff', '10', { for: 5000, backOff: 10 }, 3, 5000),
  banCase('ban.longest', '1', { for: 5000, longest: 5000 }, 3, 5000),
  banCase('ban.longest', '10000000000', { for: 5000, longest: 10_000_000_000 }, 3, 5000),
  isBounded('shadow', 'true', { shadow: true }, [200, 200, 200, 200]),
  isBounded('shadow', 'false', { shadow: false }, [200, 200, 429]),
  {
    option: 'shadow',
    value: 'headers',
    sees: async (limited) => {
      const site = await limited({ ...BASE, shadow: 'headers' })
      expect(await site.statuses(3)).toEqual([200, 200, 200])
      expect((await site.ask()).headers['ratelimit']).toContain('"default";r=0')
      const hidden = await limited({ ...BASE, shadow: true })
      expect((await hidden.ask()).headers['ratelimit']).toBeUndefined()
    },
  },
  slowCase('slowDown', 'an object', { after: 1, delay: 300 }, [0, 300]),
  slowCase('slowDown.after', '0', { after: 0, delay: 300 }, [300]),
  slowCase('slowDown.after', '999999999999998', { after: MOST - 1, delay: 300 }, [0, 0], MOST),
  slowCase('slowDown.delay', '1', { after: 0, delay: 1 }, [0]),
  slowCase('slowDown.delay', '60000', { after: 0, delay: 60_000, longest: 200 }, [200]),
  slowCase('slowDown.longest', '1', { after: 0, delay: 60_000, longest: 1 }, [0]),
  slowCase('slowDown.longest', '60000', { after: 0, delay: 300, longest: 60_000 }, [300]),
]

function prefixCases(
  option: 'ipv4Prefix' | 'ipv6Prefix',
  values: readonly (readonly [value: string, neighbour: string, status: number])[],
): OptionCase<Limited>[] {
  const first = option === 'ipv4Prefix' ? '198.51.100.7' : '2001:db8::1'
  return values.map(([value, neighbour, status]) => ({
    option,
    value,
    sees: async (limited: Limited) => {
      const site = await limited({ ...BASE, [option]: Number(value) })
      expect(await site.statuses(3, { as: first })).toEqual([200, 200, 429])
      expect((await site.ask({ as: neighbour })).status).toBe(status)
    },
  }))
}

/** `seconds`: what a client is told to wait at most who asked once too often. */
function banCase(option: string, value: string, ban: object, asked: number, seconds: number) {
  return {
    option,
    value,
    sees: async (limited: Limited) => {
      const site = await limited({ ...BASE, ban })
      const seen = await site.statuses(asked - 1)
      const refused = await site.ask()
      expect([...seen, refused.status]).toEqual([200, 200, 429])
      const wait = Number(refused.headers['retry-after'])
      expect(wait).toBeLessThanOrEqual(seconds)
      expect(wait).toBeGreaterThan(seconds * 0.9)
    },
  }
}

/** `waits`: milliseconds that each of the requests waits at least. */
function slowCase(
  option: string,
  value: string,
  slowDown: object,
  waits: readonly number[],
  limit = 9,
) {
  return {
    option,
    value,
    sees: async (limited: Limited) => {
      const site = await limited({ limit, window: 600, slowDown })
      for (const wait of waits) {
        const began = performance.now()
        expect((await site.ask()).status).toBe(200)
        // Timers of Node end up to a millisecond early.
        expect(performance.now() - began).toBeGreaterThan(wait - 2)
      }
    },
  }
}

const decisions = () => {
  const seen: RateLimitDecision[] = []
  return { seen, keep: (decision: RateLimitDecision) => void seen.push(decision) }
}

const LIMITER: readonly OptionCase<Limited>[] = [
  isBounded('store', 'memory', { store: 'memory' }, [200, 200, 429]),
  {
    option: 'store',
    value: 'cluster',
    sees: async (limited) => {
      // Not in a worker: told at start, with what to do.
      await expect(limited({ ...BASE, store: 'cluster' })).rejects.toThrow('store')
    },
  },
  {
    option: 'store',
    value: 'a Store',
    sees: async (limited) => {
      const store = new MemoryStore(1000)
      const sites = [await limited({ ...BASE, store }), await limited({ ...BASE, store })]
      expect(await sites[0]?.statuses(2)).toEqual([200, 200])
      expect(await sites[1]?.statuses(1)).toEqual([429])
    },
  },
  isBounded(
    'onStoreError',
    'allow',
    () => ({ store: silent(), onStoreError: 'allow' }),
    [200, 200, 200],
  ),
  isBounded('onStoreError', 'deny', () => ({ store: silent(), onStoreError: 'deny' }), [429, 429]),
  isBounded(
    'onStoreError',
    'local',
    () => ({ store: silent(), onStoreError: 'local' }),
    [200, 200, 429],
  ),
  isBounded('deadline', '1', () => ({ store: silent(), deadline: 1 }), [200, 200, 429]),
  isBounded('deadline', '60000', { deadline: 60_000 }, [200, 200, 429]),
  {
    option: 'maxKeys',
    value: '100',
    sees: async (limited) => {
      const site = await limited({ ...BASE, limit: 1, maxKeys: 100 })
      for (let i = 0; i < 100; i++) await site.ask({ as: `203.${i}.113.9` })
      // No room for a key of its own: counted with its network.
      expect(await site.statuses(1, { as: '198.51.100.7' })).toEqual([200])
      expect(await site.statuses(1, { as: '198.99.9.9' })).toEqual([429])
    },
  },
  isBounded('maxKeys', '10000000', { maxKeys: 10_000_000 }, [200, 200, 429]),
  ...(
    [
      ['draft-11', { 'ratelimit-policy': '"default";q=2;w=600', 'x-ratelimit-limit': undefined }],
      ['draft-7', { 'ratelimit-policy': '2;w=600', 'x-ratelimit-limit': undefined }],
      ['legacy', { 'ratelimit-policy': undefined, 'x-ratelimit-limit': '2' }],
      ['legacy-epoch', { 'ratelimit-policy': undefined, 'x-ratelimit-remaining': '1' }],
      ['false', { 'ratelimit-policy': undefined, 'x-ratelimit-limit': undefined }],
    ] as const
  ).map(([value, expected]) => ({
    option: 'headers',
    value,
    sees: async (limited: Limited) => {
      const headers = value === 'false' ? false : value
      const answer = await (await limited({ ...BASE, headers })).ask()
      for (const [name, text] of Object.entries(expected)) expect(answer.headers[name]).toBe(text)
      const reset = Number(answer.headers['x-ratelimit-reset'])
      if (value === 'legacy') expect(reset).toBeLessThanOrEqual(600)
      if (value === 'legacy-epoch') expect(reset).toBeGreaterThan(Date.now() / 1000)
    },
  })),
  {
    option: 'headers',
    value: 'an array',
    sees: async (limited) => {
      const { headers } = await (await limited({ ...BASE, headers: ['draft-11', 'legacy'] })).ask()
      expect(headers['ratelimit-policy']).toBe('"default";q=2;w=600')
      expect(headers['x-ratelimit-limit']).toBe('2')
    },
  },
  {
    option: 'answer',
    value: 'a function',
    sees: async (limited) => {
      const site = await limited({ ...BASE, answer: () => ({ status: 503, body: 'later' }) })
      await site.statuses(2)
      expect(await site.ask()).toMatchObject({ status: 503, body: 'later' })
    },
  },
  {
    option: 'onRefused',
    value: 'a function',
    sees: async (limited) => {
      const { seen, keep } = decisions()
      await (await limited({ ...BASE, onRefused: keep })).statuses(4)
      expect(seen.map(({ client, reason }) => [client, reason])).toEqual(
        Array(2).fill(['198.51.100.7', 'quota-exceeded']),
      )
    },
  },
  {
    option: 'denyList',
    value: 'a list',
    sees: async (limited) => {
      const entered: unknown[] = []
      const add = (entry: string, { ttl }: { readonly ttl: number }) => {
        entered.push([entry, ttl])
        return true
      }
      const site = await limited({ ...BASE, ban: { for: 60 }, denyList: { add } })
      await site.statuses(4)
      expect(entered).toEqual([['198.51.100.7', 60]])
    },
  },
  {
    option: 'onBan',
    value: 'a function',
    sees: async (limited) => {
      const bans: unknown[] = []
      const site = await limited({
        ...BASE,
        ban: { for: 60 },
        onBan: (ban: unknown) => void bans.push(ban),
      })
      await site.statuses(4)
      expect(bans).toMatchObject([{ limit: 'default', key: '198.51.100.7', seconds: 60 }])
    },
  },
  {
    option: 'onStoreState',
    value: 'a function',
    sees: async (limited) => {
      const states: unknown[] = []
      const onStoreState = ({ state }: { readonly state: string }) => void states.push(state)
      const site = await limited({ ...BASE, store: silent(), deadline: 5, onStoreState })
      await site.statuses(7)
      expect(states).toEqual(['unavailable'])
    },
  },
]

const FRAMEWORKS: readonly (readonly [string, Limited])[] = [
  [
    'Fastify',
    (options) =>
      fastifySite(async (app) => {
        await app.register(fastifyLimit, options as FastifyRateLimitOptions)
      }),
  ],
  [
    'Express',
    (options) =>
      expressSite(() => expressLimit({ ...BASE, ...options } as RateLimitOptions<ExpressRequest>)),
  ],
]

describe.each(FRAMEWORKS)('a request to a limiter in %s, with', (_, limited) => {
  test.each(LIMITS)('$option: $value', ({ sees }) => sees(limited))
  test.each(LIMITER)('$option: $value', ({ sees }) => sees(limited))
})

describe('the limiter’s options', () => {
  const table = documentedOptions('rate-limit', '### A limit')
  expectComplete(table, LIMITS)
  expectComplete(documentedOptions('rate-limit', '### The limiter as a whole'), LIMITER)
})

describe('the hook of the Fastify plugin', () => {
  test.each(['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const)(
    '%s',
    async (hook) => {
      const site = await fastifySite(async (app) => {
        await app.register(fastifyLimit, { ...BASE, hook })
      })
      expect(await site.statuses(3)).toEqual([200, 200, 429])
    },
  )
})
