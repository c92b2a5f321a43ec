import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import truehopExpress from '@truehop/express'
import truehopFastify from '@truehop/fastify'
import {
  definePolicy,
  type Policy,
  type PolicyOptions,
  type PolicyReplacedMessage,
} from '@truehop/identity'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import {
  type Asked,
  expressSite,
  fastifySite,
  type Site,
  stopAfterEach,
  stopLater,
} from './site.js'

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

type Starting = (truehop: object) => Promise<Site>

/** What a request by `CLIENT` is answered, and one by somebody who cannot be named. */
const answers = (
  option: string,
  value: string,
  truehop: object,
  unnamed: number,
): OptionCase<Starting> => ({
  option,
  value,
  sees: async (start) => {
    const site = await start(truehop)
    expect(JSON.parse((await site.ask({ path: '/who' })).body)).toEqual(named)
    const answer = await site.ask(nobody)
    expect(answer.status).toBe(unnamed)
    if (unnamed === 200) expect(JSON.parse(answer.body).clientIp).toBe('unknown')
    else expect(answer.headers['content-type']).toContain('application/problem+json')
  },
})

const COMMON: readonly OptionCase<Starting>[] = [
  answers('policy', 'left out, trust and header in its place', policy, 400),
  answers('policy', 'left out, hops in its place', { hops }, 400),
  answers('policy', 'what definePolicy() returns', { policy: definePolicy(policy) }, 400),
  answers('onUndetermined', 'reject', { ...policy, onUndetermined: 'reject' }, 400),
  answers('onUndetermined', 'continue', { ...policy, onUndetermined: 'continue' }, 200),
  {
    option: 'compareWith',
    value: 'trust proxy',
    sees: async (start) => {
      const site = await start({ ...policy, compareWith: 'trust proxy', onDifference: () => {} })
      const { body } = await site.ask({ path: '/who' })
      // The framework's own setting trusts nobody, and keeps its own `ip`.
      expect(JSON.parse(body)).toEqual({ clientIp: CLIENT, ip: '127.0.0.1' })
      expect((await site.ask(nobody)).status).toBe(200)
    },
  },
  {
    option: 'onDifference',
    value: 'a function',
    sees: async (start) => {
      const seen: unknown[] = []
      const onDifference = (difference: object) => void seen.push(difference)
      const site = await start({ ...policy, compareWith: 'trust proxy', onDifference })
      await site.ask({ path: '/who' })
      expect(seen).toMatchObject([{ identity: { ip: CLIENT }, trustProxy: '127.0.0.1' }])
      await expect(start({ ...policy, onDifference })).rejects.toThrow('onDifference')
    },
  },
]

/** Express alone has this. */
const EXPRESS: readonly OptionCase<Starting>[] = [
  {
    option: 'logger',
    value: 'an object with warn()',
    sees: async (start) => {
      const lines: string[] = []
      const logger = { warn: (_fields: object, line: string) => void lines.push(line) }
      const site = await start({ ...policy, logger })
      expect((await site.ask(nobody)).status).toBe(400)
      expect(lines).toHaveLength(1)
      await expect(start({ ...policy, logger: {} })).rejects.toThrow('logger')
    },
  },
]

/** With a server of its own, attached or not, and before anything has been asked. */
const IN_FORCE: readonly (readonly [string, (policy: Policy) => unknown])[] = [
  ['Fastify', (policy) => fastify().register(truehopFastify, { policy }).ready()],
  ['Express', (policy) => truehopExpress({ policy })],
]

test.each(IN_FORCE)('a policy that %s was given says when it is replaced', async (_name, take) => {
  const versions: number[] = []
  const listener = (message: unknown) =>
    void versions.push((message as PolicyReplacedMessage).status.version)
  subscribe('truehop.policy.replaced', listener)
  stopLater(async () => void unsubscribe('truehop.policy.replaced', listener))
  const given = definePolicy(policy)
  await take(given)
  given.replace({ hops })
  expect(versions).toEqual([2])
})

test.each(FRAMEWORKS)(
  '%s names trust where it is a count, and where a count is written',
  async (_name, start) => {
    const counted = start({ trust: 1, header: 'x-forwarded-for' })
    await expect(counted).rejects.toMatchObject({ path: 'trust' })
    await expect(counted).rejects.toThrow(/^trust: .*depth: 1/)
  },
)

const TABLE = documentedOptions('policy', '## In Fastify and Express')

describe.each(FRAMEWORKS)('a request to %s with truehop and', (framework, start) => {
  const cases = framework === 'Express' ? [...COMMON, ...EXPRESS] : COMMON
  test.each(cases)('$option: $value', ({ sees }) => sees(start))
  const table = TABLE.filter(({ option }) => framework === 'Express' || option !== 'logger')
  // The address that is given for a client who cannot be determined, and no setting.
  expectComplete(table, cases, ['onUndetermined: unknown'])
})
