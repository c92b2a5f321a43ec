import truehopExpress from '@truehop/express'
import { definePolicy, type PolicyOptions } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { type Asked, expressSite, fastifySite, type Site, stopAfterEach } from './site.js'

stopAfterEach()

const FRAMEWORKS: readonly (readonly [string, (truehop: object) => Promise<Site>])[] = [
  ['Fastify', (truehop) => fastifySite((app) => app.get('/who', async (r) => who(r)), truehop)],
  [
    'Express',
    (truehop) =>
      expressSite((app) => {
        app.get('/who', (request, response) => void response.json(who(request)))
        return undefined
      }, truehop),
  ],
]

const who = (request: { readonly clientIp: string; readonly ip?: string | undefined }) => ({
  clientIp: request.clientIp,
  ip: request.ip,
})

const CLIENT = '198.51.100.7'
const policy: PolicyOptions = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }
const hops = [{ from: ['127.0.0.1'], asserts: 'x-forwarded-for' }]
const named = { clientIp: CLIENT, ip: CLIENT }
const nobody: Asked = { as: 'unknown', path: '/who' }

/** What a request by `CLIENT` is answered, and one by somebody who cannot be named. */
const CASES: readonly (readonly [options: string, truehop: object, unnamed: number])[] = [
  ['trust and header', policy, 400],
  ['hops', { hops }, 400],
  ['policy', { policy: definePolicy(policy) }, 400],
  ["onUndetermined: 'reject'", { ...policy, onUndetermined: 'reject' }, 400],
  ["onUndetermined: 'continue'", { ...policy, onUndetermined: 'continue' }, 200],
]

describe.each(FRAMEWORKS)('a request to %s with truehop and', (framework, start) => {
  test.each(CASES)('%s', async (_options, truehop, unnamed) => {
    const site = await start(truehop)
    expect(JSON.parse((await site.ask({ path: '/who' })).body)).toEqual(named)
    const answer = await site.ask(nobody)
    expect(answer.status).toBe(unnamed)
    if (unnamed === 200) expect(JSON.parse(answer.body).clientIp).toBe('unknown')
    else expect(answer.headers['content-type']).toContain('application/problem+json')
  })

  test("compareWith: 'trust proxy' and onDifference", async () => {
    const seen: unknown[] = []
    const onDifference = (difference: object) => void seen.push(difference)
    const shadow = { ...policy, compareWith: 'trust proxy', onDifference }
    const site = await start(shadow)
    const { body } = await site.ask({ path: '/who' })
    // The framework's own setting trusts nobody, and keeps its own `ip`.
    expect(JSON.parse(body)).toEqual({ clientIp: CLIENT, ip: '127.0.0.1' })
    expect(seen).toHaveLength(1)
    expect((await site.ask(nobody)).status).toBe(200)
  })

  if (framework === 'Express') {
    test('logger', async () => {
      const lines: string[] = []
      const logger = { warn: (_fields: object, line: string) => void lines.push(line) }
      const site = await start({ ...policy, logger })
      expect((await site.ask(nobody)).status).toBe(400)
      expect(lines).toHaveLength(1)
      expect(() => truehopExpress({ ...policy, logger: JSON.parse('{}') })).toThrow('logger')
    })
  }
})
