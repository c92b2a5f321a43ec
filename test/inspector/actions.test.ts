import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SharedEntries } from '@truehop/allowlist'
import { truehop as expressIdentity } from '@truehop/express'
import { truehop as fastifyIdentity } from '@truehop/fastify'
import { definePolicy, resolve } from '@truehop/identity'
import {
  ACTION_CHANNEL,
  type ActionTargets,
  type InspectorOptions,
  type OperableList,
} from '@truehop/inspector'
import { inspector as expressInspector } from '@truehop/inspector/express'
import { inspector as fastifyInspector } from '@truehop/inspector/fastify'
import { RateLimiter } from '@truehop/rate-limit'
import express from 'express'
import { fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const POLICY = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }
const OPERATOR = { 'x-forwarded-for': '198.51.100.7' }

/** A list as shared entries are, without the store. */
function list(): OperableList {
  const held = new Map<
    string,
    { by: string; note: string | undefined; expires: number | undefined }
  >()
  return {
    *details() {
      for (const [entry, about] of held) yield { entry, added: 0, ...about }
    },
    async add(entry, { ttl, note, by }) {
      held.set(entry, { by, note, expires: ttl === undefined ? undefined : 1000 * ttl })
      return 'shared'
    },
    async remove(entry) {
      return held.delete(entry) ? 'shared' : 'absent'
    },
    status: () => ({ size: held.size, stale: false }),
  }
}

/** Held by the compiler: what the packages return is what the option takes. */
export function targets(limiter: RateLimiter, entries: SharedEntries): ActionTargets {
  return { limits: { login: limiter }, lists: { visitors: entries, later: () => entries } }
}

interface Service {
  readonly port: number
  stop(): Promise<unknown>
}

async function startFastify(options: InspectorOptions): Promise<Service> {
  const app = fastify()
  await app.register(fastifyIdentity, POLICY)
  await app.register(fastifyInspector, { prefix: '/_truehop', ...options })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { port: Number(new URL(url).port), stop: () => app.close() }
}

async function startExpress(options: InspectorOptions): Promise<Service> {
  const app = express()
  const page = expressInspector(options)
  app.use(expressIdentity(POLICY))
  app.use('/_truehop', page)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    page.close()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, stop }
}

describe.each([
  ['Fastify', startFastify],
  ['Express', startExpress],
] as const)('limits and lists in the inspector on %s', (_name, start) => {
  let service: Service
  let limiter: RateLimiter
  let records: Record<string, unknown>[]
  const record = (message: unknown): void => {
    records.push(message as Record<string, unknown>)
  }

  beforeEach(async () => {
    limiter = new RateLimiter({ name: 'login', limit: 3, window: 60 })
    const actions = { limits: { login: () => limiter }, lists: { visitors: list() } }
    service = await start({ allow: ['198.51.100.0/24'], actions })
    records = []
    subscribe(ACTION_CHANNEL, record)
  })

  afterEach(async () => {
    unsubscribe(ACTION_CHANNEL, record)
    await service.stop()
  })

  async function ask(
    method: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ status: number | undefined; value: Record<string, unknown> }> {
    const { port } = service
    // fetch() would not send Sec-Fetch-Site as it is told to.
    const asked = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/_truehop/actions',
      method,
      headers,
      agent: false,
    })
    asked.end(body)
    const [response] = await once(asked, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: response.statusCode, value: JSON.parse(text) }
  }

  const FROM_PAGE = {
    ...OPERATOR,
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
  }

  async function token(): Promise<string> {
    const { value } = await ask('GET', OPERATOR)
    return String(value['token'])
  }

  async function act(form: object, headers: Record<string, string> = FROM_PAGE) {
    return ask('POST', headers, JSON.stringify({ token: await token(), ...form }))
  }

  test('a client is looked at, blocked, rewarded and reset, and each time it is recorded who did it', async () => {
    const { value } = await ask('GET', OPERATOR)
    expect(value).toEqual({
      token: expect.stringMatching(/^[\w-]{32}$/),
      limits: ['login'],
      lists: ['visitors'],
    })
    const subject = { target: 'login', client: '203.0.113.9' }
    const peeked = await act({ action: 'peek', ...subject })
    expect(peeked).toMatchObject({
      status: 200,
      value: { standings: [{ name: 'login', limit: 3, remaining: 3, exceeded: false }] },
    })
    const blocked = await act({ action: 'block', ...subject, seconds: 600 })
    expect(blocked.value).toMatchObject({ standings: [{ exceeded: true, seconds: 600 }] })
    expect(await limiter.peek({ client: '203.0.113.9' })).toMatchObject([{ exceeded: true }])
    await limiter.reset({ client: '203.0.113.9' })
    const visitor = resolve(definePolicy(POLICY), { peer: '203.0.113.9', headers: {} })
    for (let i = 0; i < 3; i++) await limiter.decide(visitor, {})
    const rewarded = await act({ action: 'reward', ...subject, units: 2 })
    expect(rewarded.value).toMatchObject({ standings: [{ remaining: 2, exceeded: false }] })
    const reset = await act({ action: 'reset', ...subject })
    expect(reset.value).toMatchObject({ standings: [{ remaining: 3, exceeded: false }] })
    expect(
      records.map(({ action, target, subject, outcome }) => [action, target, subject, outcome]),
    ).toEqual(
      ['peek', 'block', 'reward', 'reset'].map((action) => [
        action,
        'login',
        '203.0.113.9',
        'done',
      ]),
    )
    expect(records[0]).toMatchObject({ identity: { ip: '198.51.100.7' } })
  })

  test('a change that was made is recorded as made, though nobody can say what is left', async () => {
    const { peek } = limiter
    limiter.peek = () => Promise.reject(new Error('the store is\u202e gone'))
    const subject = { target: 'login', client: '203.0.113.9' }
    const blocked = await act({ action: 'block', ...subject, seconds: 600 })
    expect(blocked).toEqual({ status: 200, value: { standings: [] } })
    const looked = await act({ action: 'peek', ...subject })
    expect(looked).toMatchObject({
      status: 502,
      value: { detail: 'the store is\\u202e gone' },
    })
    expect(records.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['block', 'done'],
      ['peek', 'failed'],
    ])
    limiter.peek = peek
    expect(await limiter.peek({ client: '203.0.113.9' })).toMatchObject([{ exceeded: true }])
  })

  test('entries are shown, added with who added them, found and removed', async () => {
    const add = { action: 'add', target: 'visitors', entry: '192.0.2.0/24', ttl: 60, note: 'scan' }
    expect((await act(add)).value).toEqual({ change: 'shared' })
    await act({ ...add, entry: '2001:db8::/32', note: 'other' })
    const found = await act({ action: 'entries', target: 'visitors', find: 'scan' })
    expect(found.value).toMatchObject({
      size: 2,
      entries: [{ entry: '192.0.2.0/24', by: 'inspector, 198.51.100.7', note: 'scan' }],
    })
    const removed = await act({ action: 'remove', target: 'visitors', entry: '192.0.2.0/24' })
    expect(removed.value).toEqual({ change: 'shared' })
    expect((await act({ action: 'entries', target: 'visitors' })).value).toMatchObject({ size: 1 })
  })

  test.each<[string, Record<string, string>, number]>([
    ['whoever may not see the page', { ...FROM_PAGE, 'x-forwarded-for': '192.0.2.7' }, 403],
    ['a form of another site', { ...FROM_PAGE, 'content-type': 'text/plain' }, 415],
    ['a form', { ...FROM_PAGE, 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another site', { ...FROM_PAGE, 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour of the same site', { ...FROM_PAGE, 'sec-fetch-site': 'same-site' }, 403],
    [
      'whatever does not say where it is from',
      { ...OPERATOR, 'content-type': 'application/json' },
      403,
    ],
    ['another name', { ...FROM_PAGE, host: 'rebound.example' }, 421],
  ])('nothing is done for %s, whatever token it has', async (_what, headers, status) => {
    const form = { action: 'block', target: 'login', client: '203.0.113.9', seconds: 60 }
    expect((await act(form, headers)).status).toBe(status)
    expect(await limiter.peek({ client: '203.0.113.9' })).toMatchObject([{ exceeded: false }])
    // Who may not see the page is refused as at every other path.
    const isInside = status !== 421 && headers['x-forwarded-for'] === '198.51.100.7'
    expect(records.map(({ outcome }) => outcome)).toEqual(isInside ? ['refused'] : [])
  })

  test('nothing is done without the token of this inspector', async () => {
    const form = { action: 'block', target: 'login', client: '203.0.113.9', seconds: 60 }
    for (const token of ['', 'x'.repeat(32), undefined, 7]) {
      const { status } = await ask('POST', FROM_PAGE, JSON.stringify({ ...form, token }))
      expect([403, 422]).toContain(status)
    }
    expect(await limiter.peek({ client: '203.0.113.9' })).toMatchObject([{ exceeded: false }])
  })

  test('an action that is too long is refused and recorded as the others are', async () => {
    const { status, value } = await ask('POST', FROM_PAGE, ' '.repeat(70_000))
    expect(status).toBe(413)
    expect(value).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status: 413,
      detail: 'The action is too long.',
    })
    expect(records.map(({ outcome }) => outcome)).toEqual(['refused'])
  })

  test.each<[object | string, number]>([
    ['{', 400],
    ['[]', 400],
    [{ action: 'drop', target: 'login' }, 422],
    [{ action: 'peek', target: 'nothing', client: '203.0.113.9' }, 404],
    [{ action: 'peek', target: 'constructor', client: '203.0.113.9' }, 404],
    [{ action: 'peek', target: 'visitors', client: '203.0.113.9' }, 404],
    [{ action: 'peek', target: 'login', client: 'everybody' }, 422],
    [{ action: 'block', target: 'login', client: '203.0.113.9', seconds: 0 }, 422],
    [{ action: 'block', target: 'login', client: '203.0.113.9', seconds: 1e12 }, 422],
    [{ action: 'reward', target: 'login', client: '203.0.113.9', units: 0 }, 422],
    [{ action: 'reward', target: 'login', client: '203.0.113.9', units: 1.5 }, 422],
    [{ action: 'add', target: 'visitors', entry: 'any' }, 422],
    [{ action: 'remove', target: 'visitors', id: 'never-shown' }, 409],
    [{ action: 'remove', target: 'visitors', id: 7 }, 422],
    [{ action: 'add', target: 'visitors', entry: '10.0.0.0/33' }, 422],
    [{ action: 'add', target: 'visitors', entry: '192.0.2.1', note: 'x'.repeat(300) }, 422],
  ])('refuses %j with %i', async (form, status) => {
    const made = typeof form === 'string' ? form : JSON.stringify({ token: await token(), ...form })
    expect((await ask('POST', FROM_PAGE, made)).status).toBe(status)
  })
})

test.each([startFastify, startExpress])(
  'nothing may be done where nothing was named',
  async (start) => {
    const service = await start({ allow: ['any'] })
    const url = `http://127.0.0.1:${service.port}/_truehop/actions`
    expect(await (await fetch(url)).json()).toEqual({ token: '', limits: [], lists: [] })
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
    const response = await fetch(url, { method: 'POST', headers, body: '{"token":""}' })
    expect(response.status).toBe(404)
    await service.stop()
  },
)
