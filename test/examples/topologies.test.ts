import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encode } from '@truehop/proxy-protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../peers/harness/folder.js'
import { freePort } from '../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../peers/harness/service.js'
import { type Asked, ask } from './ask.js'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const program = (name: string) => join(examples, 'dist', `${name}.js`)

/** A PROXY header as a hop writes it for a connection from this address. */
function proxyHeader(version: 1 | 2, address: string): Buffer {
  return encode({
    version,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address, port: 51_442 },
    destination: { address: '192.0.2.80', port: 443 },
  })
}

const LOCAL = encode({ version: 2, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC' })

/** Client and reason that an example must find. */
interface Case extends Asked {
  readonly what: string
  readonly client: string
  readonly why: string
}

interface Topology {
  readonly env?: Readonly<Record<string, string>>
  readonly cases: readonly Case[]
}

const CLIENT = '198.51.100.7'
const FORGED = '203.0.113.99'
/** In 173.245.48.0/20. */
const CLOUDFLARE = '173.245.48.9'

/** The proxies are on 127.0.0.1 here, and each writes what it would write. */
const TOPOLOGIES: Readonly<Record<string, Topology>> = {
  direct: {
    cases: [
      {
        what: 'the connection, whatever the headers say',
        headers: { 'x-forwarded-for': FORGED },
        client: '127.0.0.1',
        why: 'peer-untrusted',
      },
    ],
  },
  nginx: {
    cases: [
      {
        what: "nginx's own entry, left of it what the client sent",
        headers: { 'x-forwarded-for': `${FORGED}, ${CLIENT}` },
        client: CLIENT,
        why: 'first-untrusted',
      },
    ],
  },
  'haproxy-tcp': {
    cases: [
      {
        what: 'the PROXY header, not the X-Forwarded-For behind it',
        preamble: proxyHeader(2, CLIENT),
        headers: { 'x-forwarded-for': FORGED },
        client: CLIENT,
        why: 'first-untrusted',
      },
      { what: "HAProxy's check", preamble: LOCAL, client: '127.0.0.1', why: 'proxy-local' },
    ],
  },
  'aws-alb': {
    env: { ALB: '127.0.0.1' },
    cases: [
      {
        what: "the load balancer's own entry",
        headers: { 'x-forwarded-for': `${FORGED}, ${CLIENT}` },
        client: CLIENT,
        why: 'first-untrusted',
      },
      { what: 'a health check', client: '127.0.0.1', why: 'header-missing' },
    ],
  },
  'aws-nlb': {
    env: { NLB: '127.0.0.1' },
    cases: [
      {
        what: 'the PROXY header',
        preamble: proxyHeader(2, CLIENT),
        headers: { 'x-forwarded-for': FORGED },
        client: CLIENT,
        why: 'first-untrusted',
      },
      { what: 'a health check', preamble: LOCAL, client: '127.0.0.1', why: 'proxy-local' },
    ],
  },
  'cloudflare-alb': {
    env: { ALB: '127.0.0.1' },
    cases: [
      {
        what: "Cloudflare's header behind the load balancer's",
        headers: {
          'x-forwarded-for': `${FORGED}, ${CLIENT}, ${CLOUDFLARE}`,
          'cf-connecting-ip': CLIENT,
        },
        client: CLIENT,
        why: 'first-untrusted',
      },
      {
        what: 'somebody who went past Cloudflare and writes its header',
        headers: { 'x-forwarded-for': '192.0.2.66', 'cf-connecting-ip': FORGED },
        client: '192.0.2.66',
        why: 'first-untrusted',
      },
    ],
  },
  'cdn-nlb-nginx': {
    cases: [
      {
        what: "Cloudflare's header, handed on by nginx",
        headers: { 'x-forwarded-for': CLOUDFLARE, 'cf-connecting-ip': CLIENT },
        client: CLIENT,
        why: 'first-untrusted',
      },
      {
        what: 'somebody who went past Cloudflare and writes its header',
        headers: { 'x-forwarded-for': '192.0.2.66', 'cf-connecting-ip': FORGED },
        client: '192.0.2.66',
        why: 'first-untrusted',
      },
    ],
  },
  'kubernetes-ingress': {
    env: { INGRESS: '127.0.0.1' },
    cases: [
      {
        what: "the controller's entry",
        headers: { 'x-forwarded-for': CLIENT },
        client: CLIENT,
        why: 'first-untrusted',
      },
    ],
  },
  sidecar: {
    cases: [
      {
        what: "the gateway's entry, handed on by the sidecar",
        headers: { 'x-forwarded-for': `${FORGED}, ${CLIENT}` },
        client: CLIENT,
        why: 'first-untrusted',
      },
    ],
  },
  'two-proxy-headers': {
    env: { NLB: '127.0.0.1', HAPROXY: '192.0.2.10' },
    cases: [
      {
        what: 'the second header, from a trusted source',
        preamble: Buffer.concat([proxyHeader(2, '192.0.2.10'), proxyHeader(2, CLIENT)]),
        client: CLIENT,
        why: 'first-untrusted',
      },
      {
        what: 'the first header, where nobody trusted is behind it',
        preamble: proxyHeader(2, CLIENT),
        client: CLIENT,
        why: 'first-untrusted',
      },
    ],
  },
}

describe.each(Object.entries(TOPOLOGIES))('examples/src/%s.ts finds', (name, { env, cases }) => {
  const keep = stopAfterAll()
  let port = 0

  beforeAll(async () => {
    port = await freePort()
    keep(
      await startProgram({
        path: process.execPath,
        args: [program(name)],
        env: { ...env, PORT: String(port) },
        readyPort: port,
        folder: temporaryFolder('example'),
      }),
    )
  })

  test.each(cases)('$what: $client', async ({ client, why, ...asked }) => {
    expect(await ask(port, asked)).toEqual({ client, why })
  })
})

describe('examples/src/unix-socket.ts finds', () => {
  const folder = temporaryFolder('example')
  const socket = join(folder, 'app.sock')
  const child = spawn(process.execPath, [program('unix-socket')], {
    env: { ...process.env, SOCKET: socket },
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')

  beforeAll(async () => {
    for (let tries = 0; tries < 500 && !existsSync(socket); tries++) await delay(20)
  })

  afterAll(async () => {
    child.kill()
    await exited
    rmSync(folder, { recursive: true, force: true })
  })

  test(`nginx's X-Real-IP: ${CLIENT}`, async () => {
    const headers = { 'x-real-ip': CLIENT, 'x-forwarded-for': FORGED }
    expect(await ask(socket, { headers })).toEqual({ client: CLIENT, why: 'first-untrusted' })
  })

  test('nobody without it: 400', async () => {
    expect(await ask(socket, {})).toMatchObject({ status: 400, title: 'Bad Request' })
  })
})

describe('the examples', () => {
  test('are all tested', () => {
    const programs = readdirSync(join(examples, 'src'))
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /\.(listen|bind)\(/.test(readFileSync(join(examples, 'src', file), 'utf8')))
      .map((file) => file.slice(0, -3))
    const frameworks = ['nestjs-express', 'nestjs-fastify']
    const limits = ['limit-graphql', 'limit-tcp', 'limit-websocket']
    const running = ['cluster', 'metrics', 'running', 'systemd', 'threads']
    const alone = ['unix-socket', 'tcp-lines', 'smtp', 'datagram']
    const elsewhere = [...alone, ...frameworks, ...limits, ...running]
    expect(programs.sort()).toEqual([...Object.keys(TOPOLOGIES), ...elsewhere].sort())
  })
})
