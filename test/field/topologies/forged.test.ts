import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicyOptions } from '@truehop/identity'
import { encode } from '@truehop/proxy-protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { ask } from '../../examples/ask.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { startNginx } from '../../peers/harness/nginx.js'
import { describeWithPeers, peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { type Service, startProgram } from '../../peers/harness/service.js'
import { type Answered, FRAMEWORKS } from './answering.js'
import { blockOfExample, blockOfPage, replaced } from './documented.js'

/*
 * A client may ask for any host, in `Host`. What it writes into headers that hops write chooses
 * neither host nor scheme, in any of the set-ups of docs/topologies: "only what a hop is known to
 * write is believed" (docs/policy.md, "Scheme and host").
 */

const CLIENT = '198.51.100.7'
/** In 173.245.48.0/20. */
const CLOUDFLARE = '173.245.48.9'
const LOCAL = ['127.0.0.1']

const FORGED = {
  host: 'site.example',
  'x-forwarded-for': '203.0.113.99',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-port': '8443',
  'x-forwarded-prefix': '/evil',
  'x-forwarded-server': 'evil.example',
  'x-forwarded-scheme': 'https',
  'x-scheme': 'https',
  'front-end-https': 'on',
  'x-forwarded-ssl': 'on',
  'x-original-host': 'evil.example',
  'x-host': 'evil.example',
  forwarded: 'for=203.0.113.99;proto=https;host=evil.example',
}

const running: Service[] = []

afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop()
})

function own<S extends Service>(service: S): S {
  running.push(service)
  return service
}

function expectUnforged(answered: unknown, host: string, client: string): void {
  const hostname = host.replace(/:\d+$/, '')
  const identity = { protocol: 'http', host }
  const expected: Answered = { client, protocol: 'http', host, hostname, identity }
  expect(answered).toEqual(expected)
}

function proxyHeader(address: string): Buffer {
  return encode({
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address, port: 51_442 },
    destination: { address: '192.0.2.80', port: 443 },
  })
}

interface Written {
  readonly policy: PolicyOptions
  /** What the hops write over, or beside, what the client wrote. */
  readonly headers?: Readonly<Record<string, string>>
  readonly preamble?: Buffer
  readonly client: string
}

const appended = `203.0.113.99, ${CLIENT}`
const rule = (asserts: string) => ({ from: LOCAL, asserts })
/** The hops whose programs cannot run here, by what they write: the pages of docs/platforms say it. */
const WRITTEN: Readonly<Record<string, Written>> = {
  direct: { policy: { hops: [] }, client: '127.0.0.1' },
  'aws-alb': {
    policy: { hops: [rule('x-forwarded-for')] },
    headers: {
      'x-forwarded-for': appended,
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
    },
    client: CLIENT,
  },
  'aws-nlb': {
    policy: { hops: [rule('proxy-protocol')] },
    preamble: proxyHeader(CLIENT),
    client: CLIENT,
  },
  'cloudflare-alb': {
    policy: {
      hops: [rule('x-forwarded-for'), { from: ['173.245.48.0/20'], asserts: 'cf-connecting-ip' }],
    },
    headers: {
      'x-forwarded-for': `${appended}, ${CLOUDFLARE}`,
      'cf-connecting-ip': CLIENT,
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
    },
    client: CLIENT,
  },
  'kubernetes-ingress': {
    policy: { hops: [rule('x-forwarded-for')] },
    headers: {
      'x-forwarded-for': CLIENT,
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'site.example',
      'x-forwarded-port': '80',
      'x-forwarded-scheme': 'http',
      'x-scheme': 'http',
    },
    client: CLIENT,
  },
  sidecar: {
    policy: { hops: [{ ...rule('x-forwarded-for'), required: true }] },
    headers: { 'x-forwarded-for': appended, 'x-forwarded-proto': 'http' },
    client: CLIENT,
  },
  'two-proxy-headers': {
    policy: {
      hops: [rule('proxy-protocol'), { from: ['192.0.2.10'], asserts: 'proxy-protocol' }],
      proxyProtocol: { maxHeaders: 2 },
    },
    preamble: Buffer.concat([proxyHeader('192.0.2.10'), proxyHeader(CLIENT)]),
    client: CLIENT,
  },
}

describe.each(Object.entries(FRAMEWORKS))(
  'a client chooses neither host nor scheme in %s',
  (_, start) => {
    test.each(Object.entries(WRITTEN))('behind what is in %s', async (_name, written) => {
      const { policy, headers, preamble, client } = written
      const app = own(await start(policy))
      const asked = { headers: { ...FORGED, ...headers } }
      const answered = await ask(app.port, preamble === undefined ? asked : { ...asked, preamble })
      expectUnforged(answered, 'site.example', client)
    })

    describeWithPeers(['nginx'], 'behind nginx', () => {
      const configurations = (name: string) => [
        ['its page', blockOfPage(name, 'nginx')] as const,
        ['its example', blockOfExample(name)] as const,
      ]

      test.each(configurations('nginx'))('as in nginx of %s', async (_where, block) => {
        const policy = { trust: LOCAL, header: 'x-forwarded-for' }
        const app = own(await start(policy))
        const to = `127.0.0.1:${app.port}`
        const location = replaced(block, { '127.0.0.1:3000': to })
        const port = await freePort()
        own(await startNginx({ http: `server { listen 127.0.0.1:${port}; ${location} }` }))
        // The client's own address is the hop's here: the walk goes on to what it claims for itself.
        const answered = await ask(port, { headers: { ...FORGED, 'x-forwarded-for': CLIENT } })
        expectUnforged(answered, to, CLIENT)
      })

      test.each(configurations('unix-socket'))('as in unix-socket of %s', async (_where, block) => {
        const socket = join(temporaryFolder('field'), 'app.sock')
        own(await start({ trust: ['unix'], header: 'x-real-ip' }, socket))
        const location = replaced(block, { '/run/app/app.sock': socket })
        const port = await freePort()
        own(await startNginx({ http: `server { listen 127.0.0.1:${port}; ${location} }` }))
        expectUnforged(await ask(port, { headers: FORGED }), 'localhost', '127.0.0.1')
      })

      test.each(configurations('cdn-nlb-nginx'))(
        'as in cdn-nlb-nginx of %s',
        async (_where, block) => {
          const hops = [
            { ...rule('x-forwarded-for'), required: true },
            { from: ['173.245.48.0/20'], asserts: 'cf-connecting-ip', required: true },
          ]
          const app = own(await start({ hops }))
          const [to, port] = [`127.0.0.1:${app.port}`, await freePort()]
          const server = replaced(block, {
            'listen 443 ssl': `listen 127.0.0.1:${port}`,
            '10.0.0.0/16': '127.0.0.1',
            '127.0.0.1:3000': to,
          })
          own(await startNginx({ http: server }))
          const headers = { ...FORGED, 'cf-connecting-ip': CLIENT }
          const answered = await ask(port, { preamble: proxyHeader(CLOUDFLARE), headers })
          expectUnforged(answered, to, CLIENT)
        },
      )
    })

    describeWithPeers(['haproxy'], 'behind HAProxy', () => {
      test.each([
        ['its page', blockOfPage('haproxy-tcp', 'haproxy'), '10.0.0.9:3000'],
        ['its example', blockOfExample('haproxy-tcp'), '127.0.0.1:3000'],
      ])('as in haproxy-tcp of %s', async (_where, block, server) => {
        const app = own(await start({ hops: [rule('proxy-protocol')] }))
        const port = await freePort()
        const sections = replaced(block, {
          'bind :443': `bind 127.0.0.1:${port}`,
          [server]: `127.0.0.1:${app.port}`,
        })
        own(await startHaproxyOf(sections, port))
        expectUnforged(await ask(port, { headers: FORGED }), 'site.example', '127.0.0.1')
      })
    })
  },
)

async function startHaproxyOf(sections: string, readyPort: number): Promise<Service> {
  const folder = temporaryFolder('haproxy')
  const file = join(folder, 'haproxy.cfg')
  const times = ['connect', 'client', 'server'].map((each) => `  timeout ${each} 5s`)
  writeFileSync(file, ['global', '  nbthread 1', 'defaults', ...times, sections, ''].join('\n'))
  return startProgram({ path: peerPath('haproxy'), args: ['-db', '-f', file], readyPort, folder })
}
