import { once } from 'node:events'
import { get, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { truehop } from '@truehop/fastify'
import { inspector as expressInspector } from '@truehop/inspector/express'
import { inspector } from '@truehop/inspector/fastify'
import express from 'express'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proxyLine } from '../bytes/proxy-header.js'
import { type Framework, type Service, startService } from './services.js'

const FRAMEWORKS: readonly Framework[] = ['fastify', 'express']
/** Paths that tell something, and one that does not exist. */
const PATHS = ['', '/', '/inspector.js', '/inspector.css', '/icon.svg', '/events', '/nothing']
const PROBLEM = { type: 'about:blank', title: 'Forbidden', status: 403 }

describe.each(FRAMEWORKS)('the inspector on %s', (framework) => {
  let service: Service
  let at: string

  beforeAll(async () => {
    service = await startService(framework, {
      allow: ['198.51.100.0/24'],
      hosts: ['ops.example.com'],
      maxViewers: 2,
    })
    at = `${service.url}/_truehop`
  })

  afterAll(() => service.stop())

  const operator = { 'x-forwarded-for': '198.51.100.7' }
  const viewer = { ...operator, 'sec-fetch-site': 'same-origin' }
  const ask = (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
    fetch(at + path, { redirect: 'manual', ...init, headers })
  const form = (body: string, headers: Record<string, string> = operator) =>
    ask('/explain', { ...headers, 'content-type': 'application/json' }, { method: 'POST', body })

  test.each(PATHS)('denies %s to a client that is not named', async (path) => {
    const response = await ask(path, { 'x-forwarded-for': '192.0.2.7' })
    expect(response.status).toBe(403)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual(PROBLEM)
  })

  test.each([
    ['no header at all', {}],
    ['a forged entry on the left', { 'x-forwarded-for': '198.51.100.7, 192.0.2.7' }],
    ['a header that no rule reads', { 'x-real-ip': '198.51.100.7', forwarded: 'for=198.51.100.7' }],
    ['a CDN header without the CDN', { 'cf-connecting-ip': '198.51.100.7' }],
  ])('denies page and form for %s', async (_what, headers: Record<string, string>) => {
    expect((await ask('/', headers)).status).toBe(403)
    expect((await form('{}', headers)).status).toBe(403)
  })

  test.each([
    ['page', 'GET', '/'],
    ['stream', 'GET', '/events'],
    ['form', 'POST', '/explain'],
  ])('refuses the %s under a name that is not its own', async (_what, method, path) => {
    const { status, text } = await named('rebound.example', method, path, operator)
    expect(status).toBe(421)
    expect(JSON.parse(text)).toMatchObject({
      status: 421,
      detail: expect.stringContaining('hosts'),
    })
    const forwarded = { ...operator, 'x-forwarded-host': 'ops.example.com' }
    expect((await named('rebound.example', method, path, forwarded)).status).toBe(421)
    const behind = { ...operator, 'x-forwarded-host': 'rebound.example' }
    expect((await named('ops.example.com', method, path, behind)).status).toBe(421)
  })

  test('answers under its own name, and tells a stranger nothing about names', async () => {
    expect((await named('ops.example.com:8443', 'GET', '/', operator)).status).toBe(200)
    const stranger = { 'x-forwarded-for': '192.0.2.7' }
    expect((await named('rebound.example', 'GET', '/', stranger)).status).toBe(403)
  })

  async function named(host: string, method: string, path: string, headers: object) {
    const asked = request(`${at}${path}`, { method, headers: { ...headers, host }, agent: false })
    asked.end(method === 'POST' ? '{}' : undefined)
    const [response]: IncomingMessage[] = await once(asked, 'response')
    if (response === undefined) throw new Error('no response')
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: response.statusCode, text }
  }

  test('never shows anything to an undetermined client', async () => {
    const response = await ask('/', { 'x-forwarded-for': 'unknown' })
    expect([400, 403]).toContain(response.status)
    expect(await response.text()).not.toContain('inspector.js')
  })

  test('shows the page to a client that is named, with its own strict policy', async () => {
    const response = await ask('/', operator)
    const { headers } = response
    expect(response.status).toBe(200)
    const html = await response.text()
    expect(html).not.toMatch(/<style|style=|<script(?! src="inspector\.js")|https?:|\son\w+=/)
    const csp = headers.get('content-security-policy') ?? ''
    expect(csp).toContain("default-src 'none'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).not.toMatch(/unsafe|\*|https?:|data:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('private, no-cache')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('sends a file again only when it changed', async () => {
    const first = await ask('/inspector.js', operator)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^".+"$/)
    const second = await ask('/inspector.js', { ...operator, 'if-none-match': etag })
    expect([second.status, await second.text()]).toEqual([304, ''])
  })

  test('sends whoever forgets the slash to the folder, wherever it is mounted', async () => {
    const response = await ask('', operator)
    expect([response.status, response.headers.get('location')]).toEqual([308, './_truehop/'])
  })

  test.each([
    ['/nothing', 'GET', 404],
    ['/../package.json', 'GET', 404],
    ['/%2e%2e/package.json', 'GET', 404],
    ['/__proto__', 'GET', 404],
    ['/', 'HEAD', 200],
  ])('answers %s %s with %i', async (path, method, status) => {
    // The client resolves dots itself; what is left of the path is the application's.
    const response = await ask(path, operator, { method })
    const text = await response.text()
    expect(text).not.toContain('"dependencies"')
    if (new URL(at + path).pathname.startsWith('/_truehop')) expect(response.status).toBe(status)
  })

  test('explains evidence against the policy in force', async () => {
    const trial = { peer: '10.0.0.1', headers: 'X-Forwarded-For: 192.0.2.9' }
    const response = await form(JSON.stringify(trial))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      walk: { outcome: { client: '192.0.2.9', reason: 'first-untrusted', rule: 'local proxy' } },
    })
  })

  test('refuses a form that is no JSON, and one that is too long', async () => {
    expect((await form('{')).status).toBe(400)
    const long = await form(JSON.stringify({ peer: 'x'.repeat(70_000) })).then(
      ({ status }) => status,
      () => 'closed',
    )
    expect([413, 'closed']).toContain(long)
  })

  test('takes a limited number of viewers at the same time, and room comes back when one leaves', async () => {
    const first = await watch()
    const second = await watch()
    expect(first.statusCode).toBe(200)
    expect(first.headers['content-type']).toBe('text/event-stream')
    const third = await ask('/events', viewer)
    expect(third.status).toBe(503)
    first.destroy()
    await untilStatus(200)
    second.destroy()
  })

  /** A stream that is open once it has said something. */
  async function watch(): Promise<IncomingMessage> {
    const asked = get(`${at}/events`, { headers: viewer, agent: false })
    const [response]: IncomingMessage[] = await once(asked, 'response')
    if (response === undefined) throw new Error('no response')
    await once(response, 'data')
    return response
  }

  async function untilStatus(status: number): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      const response = await ask('/events', viewer)
      await response.body?.cancel()
      if (response.status === status) return
      await delay(25)
    }
    throw new Error('no room came back')
  }
})

describe.each(FRAMEWORKS)('an open page on %s', (framework) => {
  test('does not keep the server from closing', async () => {
    const service = await startService(framework, { allow: ['loopback'] })
    const headers = { 'sec-fetch-site': 'same-origin' }
    const response = await fetch(`${service.url}/_truehop/events`, { headers })
    const ended = response.text()
    await service.stop()
    expect(await ended).toContain('data: {')
  })
})

describe('a server that expects PROXY headers', () => {
  test('shows the connections that it refused', async () => {
    const app = fastify()
    await app.register(truehop, { hops: [{ from: ['loopback'], asserts: 'proxy-protocol' }] })
    await app.register(inspector, { prefix: '/_truehop', allow: ['198.51.100.7'] })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const refused = connect(port, '127.0.0.1', () => refused.write('GET / HTTP/1.1\r\n\r\n'))
    refused.on('error', () => {})
    await once(refused, 'close')
    const viewer = connect(port, '127.0.0.1')
    viewer.write(proxyLine('198.51.100.7', '127.0.0.1', [4711, 80]))
    viewer.write(
      'GET /_truehop/events HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n\r\n',
    )
    let told = ''
    for await (const chunk of viewer) {
      told += chunk
      if (told.includes('"kind":"refused"')) break
    }
    expect(told).toContain('"what":"http-without-header"')
    expect(told).toContain('"refused":1')
    await app.close()
  })
})

describe('an undetermined client that the application lets through', () => {
  test('is denied the inspector all the same', async () => {
    const app = fastify()
    const trusting = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }
    await app.register(truehop, { ...trusting, onUndetermined: 'continue' })
    await app.register(inspector, { prefix: '/_truehop', allow: ['any'] })
    app.get('/', async () => 'continued')
    const headers = { 'x-forwarded-for': 'unknown' }
    expect((await app.inject({ url: '/', headers })).statusCode).toBe(200)
    for (const path of PATHS) {
      const response = await app.inject({ url: `/_truehop${path}`, headers })
      expect([path, response.statusCode, response.json()]).toEqual([path, 403, PROBLEM])
    }
    await app.close()
  })
})

describe('where no policy is in force', () => {
  test('Fastify refuses to mount it', async () => {
    const app = fastify()
    await expect(app.register(inspector, { allow: ['any'] })).rejects.toMatchObject({
      code: 'identity-missing',
    })
  })

  test('Fastify refuses bad options', async () => {
    const app = fastify()
    await app.register(truehop, { hops: [] })
    await expect(app.register(inspector, { prefix: '/x' } as never)).rejects.toMatchObject({
      code: 'missing-allow',
    })
  })

  test('Express lets in nobody', async () => {
    const app = express()
    const page = expressInspector({ allow: ['any'] })
    app.set('env', 'test')
    app.use('/_truehop', page)
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}/_truehop/`)
    expect(response.status).toBe(500)
    page.close()
    server.close()
  })
})
