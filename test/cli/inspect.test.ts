import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { truehop } from '@truehop/fastify'
import type { PolicyOptions } from '@truehop/identity'
import { inspector } from '@truehop/inspector/fastify'
import { fastify } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { truehop as run } from '../../packages/cli/test/command-line.js'
import { temporaryFolder } from '../peers/harness/folder.js'

const open: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function instance(policy: PolicyOptions): Promise<string> {
  const app = fastify()
  await app.register(truehop, policy)
  await app.register(inspector, { prefix: '/_truehop', allow: ['127.0.0.1'] })
  app.get('/*', async () => 'fine')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  open.push(() => app.close())
  return url
}

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const POLICY = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }

async function ask(url: string, client: string): Promise<void> {
  await (await fetch(`${url}/of/${client}`, { headers: { 'x-forwarded-for': client } })).text()
}

describe('truehop inspect', () => {
  test('reads what several instances say, and finds nothing wrong with two that agree', async () => {
    const urls = [await instance(POLICY), await instance(POLICY)]
    for (const [index, url] of urls.entries()) await ask(url, `198.51.100.${index}`)
    const mounts = urls.map((url) => `${url}/_truehop`)
    const { code, out, err } = await run(['inspect', '--json', ...mounts])
    const { members } = JSON.parse(out)
    expect([code, err]).toEqual([0, ''])
    expect(members).toMatchObject(
      urls.map((url, index) => ({
        url: `${url}/_truehop/`,
        snapshot: { snapshot: 1, decisions: [{ path: `/of/198.51.100.${index}` }] },
      })),
    )
  })

  test('says that policies differ, and which instance does not answer', async () => {
    const one = await instance(POLICY)
    const other = await instance({ ...POLICY, trust: ['127.0.0.1', '10.0.0.0/8'] })
    const { code, out, err } = await run([
      'inspect',
      '--json',
      `${one}/_truehop/`,
      `${other}/_truehop/`,
      `${one}/nothing/`,
    ])
    expect(code).toBe(1)
    expect(err).toContain('the instances have 2 different policies')
    expect(err).toMatch(/\/nothing\/: it answers 200 text\/plain/)
    expect(JSON.parse(out).members[2]).toMatchObject({ problem: expect.any(String) })
  })

  test('sends the headers that were named to whom they were meant for, and follows no redirect', async () => {
    const seen: (string | undefined)[] = []
    const elsewhere = await serve((request, response) => {
      seen.push(`elsewhere ${request.headers.authorization}`)
      response.end()
    })
    const first = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(302, { location: elsewhere }).end()
    })
    const args = ['inspect', '--json', '-H', 'Authorization: Bearer secret', first]
    const { code, err } = await run(args)
    expect([code, seen]).toEqual([1, ['Bearer secret']])
    expect(err).toContain('it answers 302')
  })

  test.each<[string, RequestListener, RegExp]>([
    ['never answers', () => {}, /no answer within 0\.3 s/],
    [
      'never ends',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{')
      },
      /no answer within 0\.3 s/,
    ],
    [
      'sends too much',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(Buffer.alloc(33 * 1024 * 1024, ' '))
      },
      /it sends more than 33554432 bytes|no answer within/,
    ],
    [
      'sends something else',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"snapshot":1}')
      },
      /not a snapshot of an inspector/,
    ],
    [
      'sends what is no JSON',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('<html>')
      },
      /not JSON/,
    ],
    [
      'cannot determine who asks',
      (_, response) => {
        response.writeHead(400).end()
      },
      /it answers 400; who asks could not be determined .* by --header/,
    ],
    [
      'has no inspector at the path',
      (_, response) => {
        response.writeHead(404).end()
      },
      /it answers 404; .* such as \/_truehop\//,
    ],
    [
      'closes the connection, as one does that must be sent a PROXY header',
      (request) => {
        request.socket.destroy()
      },
      /must be sent PROXY headers .* ask through the proxy/,
    ],
  ])('an instance that %s is said, and keeps nobody waiting', async (_name, listener, problem) => {
    const url = await serve(listener)
    const { code, err } = await run(['inspect', '--json', '--timeout', '300', url])
    expect(code).toBe(1)
    expect(err).toMatch(problem)
  })

  test('an instance that sends more than a snapshot has does not hide the others', async () => {
    const url = await instance(POLICY)
    const snapshot = await (await fetch(`${url}/_truehop/snapshot.json`)).text()
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
    const hostile = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`${snapshot.slice(0, -1)},"more":${deep}}`)
    })
    const { code, out } = await run(['inspect', '--json', hostile, `${url}/_truehop/`])
    expect(code).toBe(0)
    const { members } = JSON.parse(out)
    expect(members).toHaveLength(2)
    expect(members[0].snapshot).not.toHaveProperty('more')
  })

  test('names a header that cannot be sent, and never its value', async () => {
    const args = ['inspect', '-H', 'Authorization: Bearer secret\nsecret', 'http://127.0.0.1:1/']
    const { code, out, err } = await run(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/header Authorization/)
    expect(err).not.toContain('secret')
  })

  test('says that nothing listens there', async () => {
    const url = await serve(() => {})
    for (const close of open.splice(0)) await close()
    const { code, err } = await run(['inspect', '--json', url])
    expect(code).toBe(1)
    expect(err).toMatch(/ECONNREFUSED/)
  })

  test.each([
    ['ftp://127.0.0.1/', /write https:\/\/HOST/],
    ['127.0.0.1:3000', /write https:\/\/HOST/],
    ['http://user:secret@127.0.0.1/', /Authorization/],
    ['ftp://user:secret@127.0.0.1/', /Authorization/],
  ])('refuses %s', async (url, message) => {
    const { code, err } = await run(['inspect', url])
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(err).not.toContain('secret')
  })

  test('writes one file in which nothing but its own script can run', async () => {
    const url = await instance(POLICY)
    const hostile = '</script><script>globalThis.hacked=1</script><!--<script>'
    await (await fetch(`${url}/`, { headers: { 'x-forwarded-for': hostile } })).text()
    const file = join(temporaryFolder('inspect'), 'fleet.html')
    expect((await run(['inspect', '--output', file, `${url}/_truehop/`])).code).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const html = readFileSync(file, 'utf8')
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html.match(/<\/script>/g)).toHaveLength(2)
    expect(html).toContain('\\u003c/script>\\u003cscript>globalThis.hacked=1')
    const csp = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? ''
    expect(csp).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-/)
    expect(csp).not.toMatch(/unsafe|http|\*/)
    const again = await run(['inspect', '--output', file, `${url}/_truehop/`])
    expect([again.code, again.err]).toEqual([2, expect.stringMatching(/--force/)])
  })
})

describe('the page that truehop inspect serves', () => {
  const ended = new AbortController()
  let page = ''
  let running: Promise<unknown>

  beforeAll(async () => {
    const app = fastify()
    await app.register(truehop, POLICY)
    await app.register(inspector, { prefix: '/_truehop', allow: ['127.0.0.1'] })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    await new Promise<void>((resolve) => {
      running = run(['inspect', `${url}/_truehop/`], {
        signal: ended.signal,
        onOutput: (text, to) => {
          if (to !== 'out' || !text.includes('\n')) return
          page = text.trim()
          resolve()
        },
      }).finally(() => app.close())
    })
  })

  afterAll(async () => {
    ended.abort()
    await running
  })

  async function status(url: string, headers = {}, method = 'GET'): Promise<number | undefined> {
    const asked = get(url, { headers, method, agent: false })
    const [response]: IncomingMessage[] = await once(asked, 'response')
    response?.resume()
    return response?.statusCode
  }

  test('is under a path that nobody guesses, on this machine alone', async () => {
    expect(page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/)
    const response = await fetch(page)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(await response.text()).toContain('"fleet":1')
    expect(await status(new URL('/', page).href)).toBe(404)
    expect(await status(page.replace(/.{2}\/$/, 'AA/'))).toBe(404)
  })

  test('is not served under the name of a site, or for anything but reading', async () => {
    expect(await status(page, { host: 'rebound.example' })).toBe(421)
    expect(await status(page, { host: 'localhost:1' })).toBe(200)
    expect(await status(page, {}, 'POST')).toBe(405)
  })
})
