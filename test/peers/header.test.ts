import { definePolicy, resolve } from '@truehop/identity'
import { decode, type ProxyHeader, tlvViews } from '@truehop/proxy-protocol/wire'
import { beforeAll, expect, test } from 'vitest'
import { type Capture, startCapture } from './harness/capture.js'
import { curl } from './harness/curl.js'
import { type Haproxy, startHaproxy } from './harness/haproxy.js'
import { startNginx } from './harness/nginx.js'
import { describeWithPeers } from './harness/peer.js'
import { freePort } from './harness/ports.js'
import { stopAfterAll } from './harness/service.js'

const CLIENT = '127.0.0.9'

describeWithPeers(['haproxy', 'nginx', 'curl', 'openssl'], 'the header of', () => {
  const own = stopAfterAll()
  let capture: Capture
  let haproxy: Haproxy<'v1' | 'v2' | 'tls' | 'options'>
  let nginx: number

  beforeAll(async () => {
    capture = own(await startCapture())
    const to = capture.port
    haproxy = own(
      await startHaproxy({
        v1: { mode: 'tcp', to, server: 'send-proxy' },
        v2: { mode: 'tcp', to, server: 'send-proxy-v2' },
        tls: { mode: 'tcp', tls: true, to, server: 'send-proxy-v2-ssl-cn' },
        options: {
          mode: 'http',
          tls: true,
          to,
          lines: ['unique-id-format %pid-%rt'],
          server: 'send-proxy-v2 proxy-v2-options ssl,ssl-cipher,crc32c,authority,unique-id',
        },
      }),
    )
    nginx = await freePort()
    const stream = `server { listen 127.0.0.1:${nginx}; proxy_pass 127.0.0.1:${to}; proxy_protocol on; }`
    own(await startNginx({ stream }))
  })

  async function headerOf(url: string): Promise<ProxyHeader> {
    expect((await curl(url, { from: CLIENT })).status).toBe(204)
    const bytes = capture.lastBytes()
    const result = decode(bytes)
    if (result.status !== 'complete') throw new Error(JSON.stringify(result))
    expect(bytes.toString('latin1', result.byteLength, result.byteLength + 4)).toBe('GET ')
    return result.header
  }

  /** What all of them say about the client's connection to the proxy. */
  const tcp4 = (port: number) => ({
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address: CLIENT, port: expect.any(Number) },
    destination: { address: '127.0.0.1', port },
  })

  test('HAProxy send-proxy is version 1', async () => {
    const port = haproxy.ports.v1
    const header = await headerOf(`http://127.0.0.1:${port}/`)
    expect(header).toMatchObject({ version: 1, ...tcp4(port), tlvs: [] })
  })

  test('nginx stream is version 1', async () => {
    const header = await headerOf(`http://127.0.0.1:${nginx}/`)
    expect(header).toMatchObject({ version: 1, ...tcp4(nginx), tlvs: [] })
  })

  test('HAProxy send-proxy-v2 is version 2', async () => {
    const port = haproxy.ports.v2
    const header = await headerOf(`http://127.0.0.1:${port}/`)
    expect(header).toMatchObject({ version: 2, ...tcp4(port), tlvs: [] })
  })

  test('HAProxy send-proxy-v2-ssl-cn reports the TLS of the client', async () => {
    const port = haproxy.ports.tls
    const header = await headerOf(`https://127.0.0.1:${port}/`)
    expect(header).toMatchObject({ version: 2, ...tcp4(port) })
    expect(tlvViews(header).ssl).toMatchObject({
      tls: true,
      certOnConnection: false,
      verified: false,
      version: 'TLSv1.3',
      cn: undefined,
    })
  })

  test('HAProxy with every option it has sends a checksum that holds', async () => {
    const port = haproxy.ports.options
    const header = await headerOf(`https://localhost:${port}/`)
    expect(header).toMatchObject({ version: 2, ...tcp4(port) })
    const views = tlvViews(header)
    expect(views.crc32c).toBeDefined()
    expect(views.authority).toBe('localhost')
    expect(views.ssl).toMatchObject({ tls: true, version: 'TLSv1.3' })
    expect(views.ssl?.cipher).toMatch(/^TLS_\w+$/)
    expect(Buffer.from(views.uniqueId ?? []).toString()).toMatch(/^\d+-\d+$/)
    const policy = definePolicy({ hops: [{ from: ['loopback'], asserts: 'proxy-protocol' }] })
    expect(resolve(policy, { peer: '127.0.0.1', proxyHeaders: [header] }).tlvs).toEqual({
      uniqueId: expect.stringMatching(/^\d+-\d+$/),
      authority: 'localhost',
    })
  })

  test("HAProxy's health check is LOCAL: it speaks for itself", async () => {
    const checked = own(await startCapture())
    const server = 'send-proxy-v2 check inter 50ms'
    const backend = ['option httpchk GET /']
    own(await startHaproxy({ checked: { mode: 'http', to: checked.port, server, backend } }))
    await expect.poll(() => checked.lastBytes().length).toBeGreaterThan(0)
    const result = decode(checked.lastBytes())
    expect(result).toMatchObject({ status: 'complete', header: { version: 2, command: 'LOCAL' } })
  })
})
