import { RateLimitError, RateLimiter, type RateLimitOptions } from '@truehop/rate-limit'
import { describe, expect, test } from 'vitest'
import { RATE_LIMIT_ERROR_CODES } from '../src/limits/rate-limit-error.js'

const base = { limit: 10, window: 60 }

/** A client by its form alone: start-up asks it nothing. */
const never = () => new Promise<never>(() => {})
const redis = { status: 'wait', eval: never, evalsha: never, on: () => {} }

type Refused = [what: string, options: unknown, code: string, path: string, mend: RegExp]
const refused: Refused[] = [
  ['no options', undefined, 'bad-option', '', /write \{ limit: 100, window: 60 \}/],
  ['a number', 100, 'bad-option', '', /write \{ limit: 100, window: 60 \}/],
  ['no limit', { window: 60 }, 'bad-limit', 'limit', /limit: 100/],
  ['limit 0', { ...base, limit: 0 }, 'bad-limit', 'limit', /use an allowlist/],
  ['limit -1', { ...base, limit: -1 }, 'bad-limit', 'limit', /from 1 to/],
  ['limit NaN', { ...base, limit: Number.NaN }, 'bad-limit', 'limit', /NaN/],
  ['limit 1.5', { ...base, limit: 1.5 }, 'bad-limit', 'limit', /integer/],
  [
    'limit as text',
    { ...base, limit: '10' },
    'bad-limit',
    'limit',
    /must be an integer from 1 to 999999999999999, got '10'/,
  ],
  [
    'limit without end',
    { ...base, limit: Number.POSITIVE_INFINITY },
    'bad-limit',
    'limit',
    /Infinity/,
  ],
  [
    'limit beyond a header field',
    { ...base, limit: 1e15 },
    'bad-limit',
    'limit',
    /999999999999999/,
  ],
  ['no window', { limit: 10 }, 'bad-window', 'window', /write 60 for a minute/],
  ['window 0', { ...base, window: 0 }, 'bad-window', 'window', /second/],
  ['window below a second', { ...base, window: 0.5 }, 'bad-window', 'window', /second/],
  ['window with a fraction', { ...base, window: 1.5 }, 'bad-window', 'window', /second/],
  ['window NaN', { ...base, window: Number.NaN }, 'bad-window', 'window', /second/],
  ['window as text', { ...base, window: '1 minute' }, 'bad-window', 'window', /write 60/],
  [
    'window below a second with Redis',
    { ...base, window: 0.9, store: redis, onStoreError: 'deny' },
    'bad-window',
    'window',
    /from 1 to/,
  ],
  [
    'block with a fraction',
    { ...base, blockDuration: 0.5 },
    'bad-window',
    'blockDuration',
    /second/,
  ],
  ['IPv4 prefix 33', { ...base, ipv4Prefix: 33 }, 'bad-limit-prefix', 'ipv4Prefix', /0 to 32/],
  ['IPv6 prefix 129', { ...base, ipv6Prefix: 129 }, 'bad-limit-prefix', 'ipv6Prefix', /0 to 128/],
  [
    'prefix as text',
    { ...base, ipv6Prefix: '/64' },
    'bad-limit-prefix',
    'ipv6Prefix',
    /leading bits/,
  ],
  ['an empty name', { ...base, name: '' }, 'bad-limit-name', 'name', /printable ASCII/],
  [
    'a name with a line break',
    { ...base, name: 'a\r\nb: c' },
    'bad-limit-name',
    'name',
    /header field/,
  ],
  ['a name beyond ASCII', { ...base, name: 'größe' }, 'bad-limit-name', 'name', /ASCII/],
  ['cost NaN', { ...base, cost: Number.NaN }, 'bad-option', 'cost', /integer/],
  ['cost over the limit', { ...base, cost: 11 }, 'bad-option', 'cost', /up to the limit/],
  ['key as text', { ...base, key: 'user' }, 'bad-option', 'key', /\(request\) =>/],
  ['skip as text', { ...base, skip: '/health' }, 'bad-option', 'skip', /\(request\) =>/],
  ['deadline 0', { ...base, deadline: 0 }, 'bad-option', 'deadline', /milliseconds/],
  ['maxKeys 10', { ...base, maxKeys: 10 }, 'bad-option', 'maxKeys', /100000/],
  [
    'an unknown onStoreError',
    { ...base, onStoreError: 'open' },
    'bad-option',
    'onStoreError',
    /'allow', 'deny' or 'local'/,
  ],
  [
    'an unknown store',
    { ...base, store: 'redis' },
    'bad-store',
    'store',
    /pass a client of ioredis or of node-redis/,
  ],
  [
    'a URL as store',
    { ...base, store: 'redis://127.0.0.1' },
    'bad-store',
    'store',
    /pass a client/,
  ],
  ['a Map as store', { ...base, store: new Map() }, 'bad-store', 'store', /pass a client/],
  [
    'cluster outside of one',
    { ...base, store: 'cluster' },
    'bad-store',
    'store',
    /startClusterStore\(\)/,
  ],
  ['no name', { ...base, name: null }, 'bad-limit-name', 'name', /null/],
  ['no IPv4 prefix', { ...base, ipv4Prefix: null }, 'bad-limit-prefix', 'ipv4Prefix', /null/],
  ['no IPv6 prefix', { ...base, ipv6Prefix: null }, 'bad-limit-prefix', 'ipv6Prefix', /null/],
  ['no block', { ...base, blockDuration: null }, 'bad-window', 'blockDuration', /null/],
  ['no wider', { ...base, wider: null }, 'bad-option', 'wider', /null/],
  ['no cost', { ...base, cost: null }, 'bad-option', 'cost', /null/],
  ['no deadline', { ...base, deadline: null }, 'bad-option', 'deadline', /null/],
  ['no number of keys', { ...base, maxKeys: null }, 'bad-option', 'maxKeys', /null/],
  [
    'no window of a wider limit',
    { ...base, wider: [{ ipv6Prefix: 48, limit: 99, window: null }] },
    'bad-window',
    'wider[0].window',
    /null/,
  ],
  ['max', { max: 10, window: 60 }, 'unknown-option', 'max', /write limit/],
  ['windowMs', { limit: 10, windowMs: 60_000 }, 'unknown-option', 'windowMs', /in seconds/],
  ['timeWindow', { limit: 1, timeWindow: '1m' }, 'unknown-option', 'timeWindow', /in seconds/],
  ['a misspelt option', { ...base, widnow: 1 }, 'unknown-option', 'widnow', /write window/],
  [
    'an unknown algorithm',
    { ...base, algorithm: 'leaky' },
    'bad-option',
    'algorithm',
    /'token-bucket'/,
  ],
  [
    'a burst of what has none',
    { ...base, burst: 5 },
    'bad-option',
    'burst',
    /algorithm: 'token-bucket'/,
  ],
  ['unknown header fields', { ...base, headers: 'draft-8' }, 'bad-option', 'headers', /'draft-11'/],
  [
    'the former name of headers',
    { ...base, legacyHeaders: true },
    'unknown-option',
    'legacyHeaders',
    /write headers/,
  ],
  [
    'a key that stands alone and is none',
    { ...base, standalone: true },
    'bad-option',
    'standalone',
    /write key/,
  ],
  ['a ban without a length', { ...base, ban: { after: 3 } }, 'bad-window', 'ban.for', /write 60/],
  [
    'a ban beside a block',
    { ...base, ban: { for: 3 }, blockDuration: 3 },
    'bad-option',
    'blockDuration',
    /ban: \{/,
  ],
  [
    'a charge of what gives all back',
    { ...base, concurrent: true, charge: () => 1 },
    'bad-option',
    'charge',
    /with concurrent/,
  ],
  [
    'an address that is none to leave out',
    { ...base, allow: ['10.0.0.0/33'] },
    'bad-option',
    'allow',
    /10\.0\.0\.0\/33/,
  ],
  ['a shadow of another kind', { ...base, shadow: 'log' }, 'bad-option', 'shadow', /'headers'/],
  [
    'a delay without a start',
    { ...base, slowDown: { delay: 5 } },
    'bad-option',
    'slowDown.after',
    /missing/,
  ],
  ['no limits', { limits: [] }, 'bad-option', 'limits', /write limits: \[/],
  ['limits as object', { limits: { a: base } }, 'bad-option', 'limits', /write limits: \[/],
  ['a limit that is none', { limits: [60] }, 'bad-option', 'limits[0]', /write \{ limit: 100/],
  [
    'a bad limit in a list',
    { limits: [base, { ...base, name: 'b', window: -1 }] },
    'bad-window',
    'limits[1].window',
    /second/,
  ],
  [
    'two limits of one name',
    { limits: [base, { ...base, limit: 99 }] },
    'name-in-use',
    'limits[1]',
    /two limits are called 'default', this one and limits\[0\]; give each its own name/,
  ],
  [
    'a wider network with the name of its limit',
    { ...base, name: 'a', wider: [{ name: 'a', ipv6Prefix: 48, limit: 999 }] },
    'name-in-use',
    'wider[0]',
    /this one and the limit itself/,
  ],
  [
    'a wider network with the name of another limit’s',
    {
      limits: [
        { ...base, name: 'a', wider: [{ name: 'c', ipv6Prefix: 48, limit: 999 }] },
        { ...base, name: 'b', wider: [{ name: 'c', ipv6Prefix: 48, limit: 999 }] },
      ],
    },
    'name-in-use',
    'limits[1].wider[0]',
    /this one and limits\[0\]\.wider\[0\]/,
  ],
  ['limit beside limits', { ...base, limits: [base] }, 'unknown-option', 'limit', /limits/],
  [
    'wider as object',
    { ...base, wider: { ipv6Prefix: 48, limit: 99 } },
    'bad-option',
    'wider',
    /write \[\{/,
  ],
  [
    'wider without a network',
    { ...base, wider: [{ limit: 99 }] },
    'bad-limit-prefix',
    'wider[0]',
    /names no network/,
  ],
  [
    'wider, yet as narrow',
    { ...base, wider: [{ ipv6Prefix: 64, limit: 99 }] },
    'bad-limit-prefix',
    'wider[0].ipv6Prefix',
    /fewer bits than 64/,
  ],
  [
    'wider, yet not larger',
    { ...base, wider: [{ ipv6Prefix: 48, limit: 10 }] },
    'bad-limit',
    'wider[0].limit',
    /more than the limit before it/,
  ],
  [
    'wider in the wrong order',
    {
      ...base,
      wider: [
        { ipv6Prefix: 32, limit: 99 },
        { ipv6Prefix: 48, limit: 199 },
      ],
    },
    'bad-limit-prefix',
    'wider[1].ipv6Prefix',
    /fewer bits than 32/,
  ],
  [
    'a cost of nothing that charge cannot correct',
    { ...base, cost: 0, charge: () => 5 },
    'bad-option',
    'cost',
    /at least 1 with charge, got 0; .* leave it out for 1/,
  ],
  [
    'a cost of nothing of requests at the same time',
    { ...base, cost: 0, concurrent: true },
    'bad-option',
    'cost',
    /at least 1 with concurrent/,
  ],
  [
    'a slowing down that the limit comes before',
    { ...base, slowDown: { after: 10, delay: 5 } },
    'bad-option',
    'slowDown.after',
    /from 0 to 9, got 10/,
  ],
  [
    'a slowing down that the burst comes before',
    { ...base, algorithm: 'token-bucket', burst: 3, slowDown: { after: 3, delay: 5 } },
    'bad-option',
    'slowDown.after',
    /from 0 to 2, got 3/,
  ],
  [
    'a first ban above the longest',
    { ...base, ban: { for: 600, longest: 60 } },
    'bad-option',
    'ban.longest',
    /must be at least 600, .* got 60; leave it out for a day/,
  ],
  [
    'an option of one limit beside several',
    { limits: [base], burst: 5 },
    'unknown-option',
    'burst',
    /must be left out beside limits; write it into each of the limits that it is for/,
  ],
  [
    'no header style at all',
    { ...base, headers: [] },
    'bad-option',
    'headers',
    /got an array of 0/,
  ],
  ...[
    ['draft-11', 'draft-7'],
    ['legacy', 'legacy-epoch'],
    ['legacy', 'draft-11', 'legacy'],
  ].map(
    (headers): Refused => [
      `the same header fields twice: ${headers}`,
      { ...base, headers },
      'bad-option',
      'headers',
      /they write the same fields: leave one out/,
    ],
  ),
  ...['limit', 'window', 'cost', 'key', 'skip', 'charge', 'answer'].map(
    (name): Refused => [
      `an async ${name}`,
      { ...base, [name]: async () => 1 },
      name === 'limit' || name === 'window' ? `bad-${name}` : 'bad-option',
      name,
      /got an async function/,
    ],
  ),
  [
    'wider than everyone',
    { ...base, ipv4Prefix: 0, wider: [{ ipv4Prefix: 0, limit: 99 }] },
    'bad-limit-prefix',
    'wider[0].ipv4Prefix',
    /everyone/,
  ],
]

describe('start-up refuses', () => {
  test.each(refused)('%s', (_what, options, code, path, mend) => {
    let error: unknown
    try {
      new RateLimiter(options as RateLimitOptions<unknown>)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ code, path })
    expect(String(error)).toMatch(mend)
    expect(String(error)).toContain(`[${code}]`)
  })

  test('with every code there is, and no other', () => {
    expect([...new Set(refused.map(([, , code]) => code))].toSorted()).toEqual(
      [...RATE_LIMIT_ERROR_CODES].toSorted(),
    )
  })

  test('two different limits under one name on one client', () => {
    const client = { ...redis }
    new RateLimiter({ ...base, store: client })
    new RateLimiter({ ...base, store: client })
    expect(() => new RateLimiter({ ...base, limit: 11, store: client })).toThrow(
      'is already 10/60s sliding-window, burst -, ban -, prefixes 32 and 64 on this store',
    )
    new RateLimiter({ ...base, limit: 11, name: 'other', store: client })
  })
})

describe('start-up takes', () => {
  test.each([
    ['a second', { limit: 1, window: 1 }],
    ['centuries in memory', { limit: 1, window: 10_000_000_000 }],
    [
      'longer in Redis without insurance',
      { limit: 1, window: 31_536_000, store: { ...redis }, onStoreError: 'deny' as const },
    ],
    ['one bucket for everyone', { limit: 1, window: 1, ipv4Prefix: 0, ipv6Prefix: 0 }],
    ['undefined for a default', { limit: 1, window: 1, name: undefined, store: undefined }],
  ])('%s', (_what, options) => {
    expect(new RateLimiter(options as RateLimitOptions<unknown>).quotas).toHaveLength(1)
  })
})
