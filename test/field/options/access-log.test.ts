import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { allowlist as expressList } from '@truehop/allowlist/express'
import { allowlist as fastifyList } from '@truehop/allowlist/fastify'
import truehopExpress from '@truehop/express'
import truehopFastify from '@truehop/fastify'
import { type ExpressAccessLogOptions, accessLog as expressLog } from '@truehop/log/express'
import { type FastifyAccessLogOptions, accessLog as fastifyLog } from '@truehop/log/fastify'
import express from 'express'
import fastify, { type FastifyInstance } from 'fastify'
import pino from 'pino'
import { describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { type Answer, type Asked, askAt, stopAfterEach, stopLater } from './site.js'

stopAfterEach()

type Line = Readonly<Record<string, unknown>>

/** What pino was given. */
class Lines {
  readonly all: Line[] = []

  write(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.all.push(JSON.parse(line))
  }

  async next(isMeant: (line: Line) => boolean): Promise<Line> {
    for (let tries = 0; tries < 1000; tries++) {
      const found = this.all.find(isMeant)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`no such line among ${JSON.stringify(this.all)}`)
  }
}

interface Logged {
  readonly lines: Lines
  ask(asked?: Asked): Promise<Answer>
}
type Logging = (options: object) => Promise<Logged>

const TRUST = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }

/** Lets everybody pass whom the cases name. */
const LIST = { deny: ['192.0.2.0/24'] }

async function inFastify(options: object): Promise<Logged> {
  const lines = new Lines()
  const app: FastifyInstance = fastify({ logger: { level: 'trace', stream: lines } })
  await app.register(fastifyLog, options as FastifyAccessLogOptions)
  await app.register(truehopFastify, TRUST)
  await app.register(fastifyList, LIST)
  app.get('/*', async () => 'ok')
  await app.listen({ host: '127.0.0.1', port: 0 })
  stopLater(() => app.close())
  const { port } = app.server.address() as AddressInfo
  return { lines, ask: (asked = {}) => askAt(port, asked) }
}

async function inExpress(options: object): Promise<Logged> {
  const lines = new Lines()
  const app = express()
  const logger = pino({ level: 'trace' }, lines)
  app.use(expressLog({ logger, ...options } as ExpressAccessLogOptions))
  app.use(truehopExpress(TRUST))
  app.use(expressList(LIST))
  app.use((_request, response) => void response.send('ok'))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stopLater(async () => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { lines, ask: (asked = {}) => askAt(port, asked) }
}

const isAccess = (line: Line) => line['msg'] === 'access'
const CLIENT = '198.51.100.7'
const KEY = 'a key of sixteen bytes, or more'

/** Members of the record of one request. */
const record = (
  option: string,
  value: string,
  options: object,
  expected: Line,
  asked: Asked = {},
): OptionCase<Logging> => ({
  option,
  value,
  sees: async (logging) => {
    const { lines, ask } = await logging(options)
    await ask(asked)
    expect(await lines.next(isAccess)).toMatchObject(expected)
  },
})

/** The bits of an address that a record keeps, and what it then shows. */
const kept = (family: 'ipv4' | 'ipv6', as: string, shown: Readonly<Record<number, string>>) =>
  Object.entries(shown).map(([bits, address]) =>
    record(
      `keep.${family}`,
      bits,
      { address: 'truncated', keep: { [family]: Number(bits) } },
      { 'client.address': address },
      { as },
    ),
  )

const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50 }
const COMBINED = /^198\.51\.100\.7 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 /

const CASES: readonly OptionCase<Logging>[] = [
  record('fields', 'otel', { fields: 'otel' }, { 'client.address': CLIENT }),
  record('fields', 'ecs', { fields: 'ecs' }, { client: { ip: CLIENT } }),
  {
    option: 'fields',
    value: 'combined',
    sees: async (logging) => {
      const { lines, ask } = await logging({ fields: 'combined' })
      await ask()
      await lines.next(({ msg }) => COMBINED.test(String(msg)))
    },
  },
  record(
    'about',
    'what knows the country',
    { about: [{ facts: () => ({ country: 'DE', asn: 64_500 }) }] },
    { 'client.geo.country.iso_code': 'DE', 'client.as.number': 64_500 },
  ),
  record('address', 'full', { address: 'full' }, { 'client.address': CLIENT }),
  record('address', 'truncated', { address: 'truncated' }, { 'client.address': '198.51.100.0' }),
  {
    option: 'address',
    value: 'none',
    sees: async (logging) => {
      const { lines, ask } = await logging({ address: 'none' })
      await ask()
      const line = await lines.next(isAccess)
      expect(line).not.toHaveProperty(['client.address'])
      expect(JSON.stringify(line)).not.toContain(CLIENT)
    },
  },
  {
    option: 'keep',
    value: 'an object',
    sees: async (logging) => {
      await expect(logging({ address: 'full', keep: { ipv4: 16 } })).rejects.toThrow('keep')
    },
  },
  ...kept('ipv4', CLIENT, { 1: '128.0.0.0', 31: '198.51.100.6' }),
  ...kept('ipv6', '2001:db8::ff', { 1: '::', 127: '2001:db8::fe' }),
  {
    option: 'address',
    value: 'hmac',
    sees: async (logging) => {
      const { lines, ask } = await logging({ address: 'hmac', hmac: { key: KEY } })
      await ask()
      const line = JSON.stringify(await lines.next(isAccess))
      expect(line).not.toContain(CLIENT)
    },
  },
  ...(['ephemeral', KEY] as const).map((key) => ({
    option: 'hmac.key',
    value: key === 'ephemeral' ? key : 'a key',
    sees: async (logging: Logging) => {
      const { lines, ask } = await logging({ address: 'hmac', hmac: { key } })
      for (const as of [CLIENT, CLIENT, '203.0.113.9']) await ask({ as })
      await lines.next(() => lines.all.filter(isAccess).length === 3)
      const named = lines.all.filter(isAccess).map((line) => tokenOf(line))
      expect(named[0]).toBe(named[1])
      expect(named[0]).not.toBe(named[2])
    },
  })),
  {
    option: 'hmac',
    value: 'an object',
    sees: async (logging) => {
      await expect(logging({ address: 'hmac' })).rejects.toThrow('hmac')
      await expect(logging({ address: 'full', hmac: { key: KEY } })).rejects.toThrow('hmac')
    },
  },
  ...['60', '31622400'].map((period) => ({
    option: 'hmac.period',
    value: period,
    sees: async (logging: Logging) => {
      const hmac = { key: KEY, period: Number(period) }
      const { lines, ask } = await logging({ address: 'hmac', hmac })
      await ask()
      expect(tokenOf(await lines.next(isAccess))).toBeDefined()
    },
  })),
  ...Object.entries(levels).map(([level, number]) =>
    record('level', level, { level }, { level: number }),
  ),
  record('query', 'true', { query: true }, { 'url.query': 'a=b' }, { path: '/?a=b' }),
  {
    option: 'query',
    value: 'false',
    sees: async (logging) => {
      const { lines, ask } = await logging({ query: false })
      await ask({ path: '/?a=secret' })
      expect(JSON.stringify(await lines.next(isAccess))).not.toContain('secret')
    },
  },
  record(
    'headers',
    'names',
    { headers: ['X-Seen'] },
    { 'http.request.header.x-seen': ['yes'] },
    { headers: { 'x-seen': 'yes' } },
  ),
  {
    option: 'conflicts',
    value: 'true',
    sees: async (logging) => {
      const { lines, ask } = await logging({ conflicts: true })
      await ask({ headers: { forwarded: 'for=203.0.113.99' } })
      expect(JSON.stringify(await lines.next(isAccess))).toContain('conflict')
    },
  },
  {
    option: 'conflicts',
    value: 'false',
    sees: async (logging) => {
      const { lines, ask } = await logging({ conflicts: false })
      await ask({ headers: { forwarded: 'for=203.0.113.99' } })
      expect(JSON.stringify(await lines.next(isAccess))).not.toContain('conflict')
    },
  },
  record('decisions', 'all', { decisions: 'all' }, { 'truehop.allowlist.reason': 'not-in-deny' }),
  {
    option: 'decisions',
    value: 'refused',
    sees: async (logging) => {
      const { lines, ask } = await logging({ decisions: 'refused' })
      await ask()
      const line = await lines.next(isAccess)
      expect(line['truehop.allowlist.allowed']).toBe(true)
      expect(line).not.toHaveProperty('truehop.allowlist.reason')
    },
  },
  {
    option: 'skip',
    value: 'a function',
    sees: async (logging) => {
      const skip = ({ url }: { readonly url: string }, status: number) =>
        url === '/health' && status === 200
      const { lines, ask } = await logging({ skip })
      await ask({ path: '/health' })
      await ask({ path: '/other' })
      await lines.next((line) => line['url.path'] === '/other')
      expect(lines.all.filter(isAccess)).toHaveLength(1)
    },
  },
  {
    option: 'span',
    value: 'a function',
    sees: async (logging) => {
      const attributes: unknown[] = []
      const span = { setAttribute: (...pair: unknown[]) => void attributes.push(pair) }
      const { lines, ask } = await logging({ span: () => span })
      await ask()
      await lines.next(isAccess)
      expect(attributes).toContainEqual(['client.address', CLIENT])
    },
  },
  {
    option: 'destination',
    value: 'a stream',
    sees: async (logging) => {
      const written: string[] = []
      const destination = { write: (text: string) => void written.push(text) }
      const { ask } = await logging({ fields: 'combined', destination })
      await ask()
      await expect.poll(() => written.join('')).toMatch(COMBINED)
      expect(written.join('')).toMatch(/\n$/)
    },
  },
]

/** What stands in place of the client's address. */
function tokenOf(line: Line): unknown {
  return Object.entries(line).find(
    ([name]) => name.startsWith('client.') || name.startsWith('truehop.client'),
  )?.[1]
}

/** Express alone has these. */
const EXPRESS: readonly OptionCase<Logging>[] = [
  {
    option: 'mountPaths',
    value: 'paths',
    sees: async () => {
      const lines = new Lines()
      const app = express()
      const router = express.Router()
      router.get('/users/:id', (_request, response) => void response.send('ok'))
      app.use(expressLog({ logger: pino({}, lines), mountPaths: ['/api'] }))
      app.use('/api', router)
      const server = app.listen(0, '127.0.0.1')
      await once(server, 'listening')
      stopLater(async () => void server.close())
      await askAt((server.address() as AddressInfo).port, { path: '/api/users/7' })
      expect(await lines.next(isAccess)).toMatchObject({ 'http.route': '/api/users/:id' })
    },
  },
  {
    option: 'logger',
    value: 'another',
    sees: async (logging) => {
      const own = new Lines()
      const { ask } = await logging({ logger: pino({}, own) })
      await ask()
      expect(await own.next(isAccess)).toMatchObject({ 'client.address': CLIENT })
    },
  },
]

describe.each([
  ['Fastify', inFastify],
  ['Express', inExpress],
] as const)('the record of a request in %s, with', (_, logging) => {
  test.each(CASES)('$option: $value', ({ sees }) => sees(logging))
})

describe('the access log’s options', () => {
  test.each(EXPRESS)('$option: $value', ({ sees }) => sees(inExpress))
  // Only with `combined`, and `hmac` is a value of another option.
  expectComplete(
    documentedOptions('logging', '## Options'),
    [...CASES, ...EXPRESS],
    ['about: combined', 'destination: combined', 'headers: combined'],
  )
})
