import { createServer } from 'node:http'
import { beforeAll, describe, expect, test } from 'vitest'
import { fileWriter } from '../../packages/cli/test/command-line.js'
import { certificate } from '../peers/harness/certificate.js'
import { startHaproxy } from '../peers/harness/haproxy.js'
import { startNginx } from '../peers/harness/nginx.js'
import { describeAtOnceWithPeers } from '../peers/harness/peer.js'
import { freePort } from '../peers/harness/ports.js'
import { stopAfterAll } from '../peers/harness/service.js'
import { startApache } from './harness/apache.js'
import { examine, names, notes, passing, wrongs } from './harness/examination.js'
import { startVarnish } from './harness/varnish.js'
import { startExpress, startFastify, startPlain } from './harness/whoami.js'

const write = fileWriter()

/** Whom a receiver of both versions names. */
const AT_ONCE = {
  v1: ['198.51.100.11'],
  v2: ['198.51.100.12'],
  local: ['127.0.0.1'],
  'unknown-tlv': ['198.51.100.21'],
  'forged-x-forwarded-for': ['198.51.100.17'],
  'forged-forwarded': ['198.51.100.17'],
}

/** Of one that waits for the rest of a header too. */
const READS_HEADERS = { ...AT_ONCE, split: ['198.51.100.13'], slow: ['198.51.100.14'] }

const REQUIRED = { header: 'required', versions: [1, 2], tls: 'none' }
const NONE = { header: 'none', versions: [], tls: 'none' }

describeAtOnceWithPeers(['haproxy', 'openssl'], 'HAProxy', () => {
  const own = stopAfterAll()
  let ports: Readonly<Record<'proxied' | 'plain' | 'tls', number>>

  beforeAll(async () => {
    const behind = createServer((request, response) => {
      response.end(JSON.stringify({ client: request.headers['x-client'] }))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => behind.once('listening', resolve))
    own({
      async stop() {
        behind.closeAllConnections()
        behind.close()
      },
    })
    const address = behind.address()
    const to = typeof address === 'object' && address !== null ? address.port : 0
    const lines = ['http-request set-header X-Client %[src]']
    const route = { mode: 'http', to, lines } as const
    const haproxy = await startHaproxy({
      proxied: { ...route, bind: 'accept-proxy' },
      plain: route,
      tls: { ...route, bind: 'accept-proxy', tls: true },
    })
    ports = own(haproxy).ports
  })

  test('accept-proxy: a header is required, and it has to come in one piece', async () => {
    const examination = await examine(ports.proxied)
    expect(examination.contract).toEqual(REQUIRED)
    expect(wrongs(examination)).toEqual([])
    expect(examination.code).toBe(0)
    expect(names(examination)).toMatchObject({ ...AT_ONCE, unknown: ['127.0.0.1'] })
    expect(notes(examination)).toEqual(['plain-checks-fail', 'split-refused'])
    expect(passing(examination)).not.toContain('HTTP without a header')
    expect(passing(examination)).toContain('HTTP behind version 2 LOCAL')
  })

  test('without it: a header is not read', async () => {
    const examination = await examine(ports.plain)
    expect(examination.contract).toEqual(NONE)
    expect(wrongs(examination)).toEqual([])
    expect(passing(examination)).toEqual(['TCP connect', 'HTTP without a header'])
  })

  test('accept-proxy ssl: TLS is inside', async () => {
    const examination = await examine(ports.tls, '--tls')
    expect(examination.contract).toEqual({ ...REQUIRED, tls: 'inside' })
    expect(wrongs(examination)).toEqual([])
    expect(names(examination)).toMatchObject(AT_ONCE)
  })

  test('asked in the clear, it says what to ask for', async () => {
    const examination = await examine(ports.tls)
    expect(examination.contract).toEqual({ header: 'unknown', versions: [], tls: 'inside' })
    expect(wrongs(examination)).toEqual(['speaks-tls'])
    expect(examination.code).toBe(1)
  })
})

describeAtOnceWithPeers(['nginx'], 'nginx', () => {
  const own = stopAfterAll()
  let proxied: number
  let plain: number

  beforeAll(async () => {
    proxied = await freePort()
    plain = await freePort()
    const server = (listen: string) => `server {
      listen 127.0.0.1:${listen};
      set_real_ip_from 127.0.0.0/8;
      location / { return 200 "client $remote_addr"; }
    }`
    const http = `real_ip_header proxy_protocol;\n${server(`${proxied} proxy_protocol`)}\n${server(`${plain}`)}`
    own(await startNginx({ http }))
  })

  test('listen proxy_protocol: a header is required', async () => {
    const examination = await examine(proxied)
    expect(examination.contract).toEqual(REQUIRED)
    expect(names(examination)).toMatchObject({
      v1: ['198.51.100.11'],
      v2: ['198.51.100.12'],
      'wrong-checksum': ['198.51.100.20'],
      'unknown-tlv': ['198.51.100.21'],
    })
    expect(wrongs(examination)).toEqual([])
    expect(notes(examination)).toEqual(['plain-checks-fail', 'split-refused', 'checksum-unchecked'])
  })

  test('without it: a header is not read', async () => {
    const examination = await examine(plain)
    expect(examination.contract).toEqual(NONE)
    expect(wrongs(examination)).toEqual([])
  })
})

describeAtOnceWithPeers(['apache2'], 'Apache httpd', () => {
  const own = stopAfterAll()
  let ports: Awaited<ReturnType<typeof startApache>>

  beforeAll(async () => {
    ports = own(await startApache())
  })

  test('RemoteIPProxyProtocol On: a header is required, and UNKNOWN is refused', async () => {
    const examination = await examine(ports.proxied)
    expect(examination.contract).toEqual(REQUIRED)
    expect(wrongs(examination)).toEqual(['unknown-refused'])
    expect(names(examination)).toMatchObject(READS_HEADERS)
    expect(notes(examination)).toEqual(['plain-checks-fail', 'checksum-unchecked'])
    expect(passing(examination)).toContain('HTTP behind version 2 LOCAL')
  })

  test('without it: a header is not read', async () => {
    const examination = await examine(ports.plain)
    expect(examination.contract).toEqual(NONE)
    expect(wrongs(examination)).toEqual([])
  })
})

describeAtOnceWithPeers(['varnish'], 'Varnish', () => {
  const own = stopAfterAll()
  let ports: Awaited<ReturnType<typeof startVarnish>>

  beforeAll(async () => {
    ports = own(await startVarnish())
  })

  test('a PROXY listener: a header is required, and UNKNOWN is refused', async () => {
    const examination = await examine(ports.proxied)
    expect(examination.contract).toEqual(REQUIRED)
    expect(wrongs(examination)).toEqual(['unknown-refused'])
    expect(names(examination)).toMatchObject(READS_HEADERS)
    expect(notes(examination)).toEqual(['plain-checks-fail'])
  })

  test('an HTTP listener: a header is not read', async () => {
    const examination = await examine(ports.plain)
    expect(examination.contract).toEqual(NONE)
    expect(wrongs(examination)).toEqual([])
  })
})

describe.concurrent('servers of this project', () => {
  const own = stopAfterAll()
  const hops = [{ from: ['loopback'], asserts: 'proxy-protocol' }]
  const lists = { trust: ['loopback'], header: 'x-forwarded-for' }

  test.each([
    ['Fastify', startFastify],
    ['Express', startExpress],
  ])(
    '%s: a header is required, and clients are named as the policy names them',
    async (_name, start) => {
      const { port } = own(await start({ hops }))
      const policy = write('proxy.json', { hops })
      const examination = await examine(port, '--policy', policy, '--path', '/whoami')
      expect(examination.contract).toEqual(REQUIRED)
      expect(wrongs(examination)).toEqual([])
      expect(examination.code).toBe(0)
      expect(names(examination)).toMatchObject({ ...READS_HEADERS, unknown: ['127.0.0.1'] })
      expect(notes(examination)).toEqual(['plain-checks-fail'])
    },
  )

  test('two headers are named where the policy has two', async () => {
    const own2 = {
      hops: [{ from: ['loopback', '198.51.100.15'], asserts: 'proxy-protocol' }],
      proxyProtocol: { maxHeaders: 2 },
    }
    const { port } = own(await startFastify(own2))
    const examination = await examine(
      port,
      '--policy',
      write('two.json', own2),
      '--path',
      '/whoami',
    )
    expect(wrongs(examination)).toEqual(['second-header-read'])
    expect(names(examination)).toMatchObject({ 'two-headers': ['198.51.100.16'] })
  })

  test('an optional header is a finding', async () => {
    const policy = { hops, proxyProtocol: { optional: true } }
    const { port } = own(await startFastify(policy))
    const file = write('optional.json', policy)
    const examination = await examine(port, '--policy', file, '--path', '/whoami')
    expect(examination.contract).toMatchObject({ header: 'optional', versions: [1, 2] })
    expect(wrongs(examination)).toEqual(['header-optional'])
  })

  test.each([
    ['of the proxies too', ['127.0.0.0/8'], 'optional'],
    ['of checkers only', ['192.0.2.0/24'], 'none'],
  ])(
    'a machine that may check without a header is told so: one %s',
    async (_what, from, header) => {
      const exempting = {
        hops: [{ from, asserts: 'proxy-protocol' }],
        proxyProtocol: { healthCheckFrom: ['127.0.0.1'] },
      }
      const { port } = own(await startFastify(exempting))
      const file = write(`exempting-${header}.json`, exempting)
      const examination = await examine(port, '--policy', file, '--path', '/whoami')
      expect(examination.contract.header).toBe(header)
      expect(wrongs(examination)).toEqual([])
      expect(notes(examination)).toEqual(['checker-exempt'])
      expect(passing(examination)).toContain('HTTP without a header')
      const strict = write(`strict-${header}.json`, { hops: exempting.hops })
      expect(wrongs(await examine(port, '--policy', strict))).toContain('policy-contract')
    },
  )

  test('TLS inside a required header', async () => {
    const { port } = own(await startFastify({ hops }, certificate()))
    const args = ['--tls', '--policy', write('tls.json', { hops }), '--path', '/whoami']
    const examination = await examine(port, ...args)
    expect(examination.contract).toEqual({ ...REQUIRED, tls: 'inside' })
    expect(wrongs(examination)).toEqual([])
    expect(passing(examination)).toContain('HTTPS behind version 2 LOCAL')
    expect(passing(examination)).not.toContain('TLS without a header')
    // The most probes that there are: docs/cli.md has their number.
    expect(examination.probes).toHaveLength(20)
  })

  test('a header of the request that is believed from this machine is a finding, unless the policy says so', async () => {
    const { port } = own(await startFastify(lists))
    const examination = await examine(port, '--path', '/whoami')
    expect(examination.contract).toEqual(NONE)
    expect(wrongs(examination)).toEqual(['forged-header-believed'])
    const known = await examine(port, '--policy', write('lists.json', lists), '--path', '/whoami')
    expect(wrongs(known)).toEqual([])
  })

  test('a server under another policy than the file shows it', async () => {
    const { port } = own(await startFastify(lists))
    const file = write('other.json', { trust: ['loopback'], header: 'forwarded' })
    const examination = await examine(port, '--policy', file, '--path', '/whoami')
    const wrong = examination.findings.filter(({ code }) => code === 'policy-identity')
    expect(wrong.map(({ probe }) => probe)).toEqual(['forged-x-forwarded-for', 'forged-forwarded'])
    const proxied = await examine(
      port,
      '--policy',
      write('proxy2.json', { hops }),
      '--path',
      '/whoami',
    )
    expect(wrongs(proxied)).toContain('policy-contract')
  })
})

test.concurrent('a server of Node alone has no contract, and nothing to change', async () => {
  const { port, stop } = await startPlain()
  const examination = await examine(port)
  await stop()
  expect(examination.contract).toEqual(NONE)
  expect({ code: examination.code, findings: examination.findings }).toEqual({
    code: 0,
    findings: [],
  })
})
