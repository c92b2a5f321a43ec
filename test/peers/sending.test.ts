import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import {
  type HeaderInput,
  LOCAL_HEADER,
  ProxyHttpAgent,
  ProxyHttpsAgent,
  proxyConnect,
  proxyConnector,
  TlvType,
} from '@truehop/proxy-protocol'
import { Client, request as undiciRequest } from 'undici'
import { beforeAll, describe, expect, test } from 'vitest'
import { certificate } from './harness/certificate.js'
import { startHaproxy } from './harness/haproxy.js'
import { startNginx } from './harness/nginx.js'
import { describeWithPeers } from './harness/peer.js'
import { freePort } from './harness/ports.js'
import { stopAfterAll } from './harness/service.js'

const INET: HeaderInput = {
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '192.0.2.7', port: 4711 },
  destination: { address: '198.51.100.1', port: 443 },
}
const INET6: HeaderInput = {
  ...INET,
  family: 'INET6',
  source: { address: '2001:db8::7', port: 4711 },
  destination: { address: '2001:db8:1::1', port: 443 },
}
/** An IPv4 client that came to an IPv6 address: both ends are written as IPv6. */
const MIXED: HeaderInput = { ...INET, destination: { address: '2001:db8:1::1', port: 443 } }
const TLVS: HeaderInput = {
  ...INET,
  tlvs: [
    { type: TlvType.AUTHORITY, value: Buffer.from('app.example') },
    { type: TlvType.UNIQUE_ID, value: Buffer.from('id-1') },
  ],
}

type Scheme = 'http' | 'https'

/** Asks for one page on a connection of its own that begins with the header; returns its text. */
type Way = (scheme: Scheme, port: number, header: HeaderInput, crc32c: boolean) => Promise<string>

const ways: Readonly<Record<string, Way>> = {
  proxyConnect: (scheme, port, header, crc32c) => {
    const to = { host: '127.0.0.1', port, header, crc32c }
    const { cert } = certificate()
    const tls = { ca: cert, servername: 'localhost' }
    const socket = proxyConnect(scheme === 'https' ? { ...to, tls } : to)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    return textOf(socket).then((response) => response.split('\r\n\r\n')[1] ?? '')
  },
  agent: (scheme, port, proxyHeader, crc32c) => {
    const { cert } = certificate()
    const to = { host: 'localhost', family: 4, port, proxyHeader }
    return new Promise((resolve, reject) => {
      const respond = (response: IncomingMessage) => textOf(response).then(resolve, reject)
      const call =
        scheme === 'http'
          ? httpRequest({ ...to, agent: new ProxyHttpAgent({ crc32c }) }, respond)
          : httpsRequest({ ...to, agent: new ProxyHttpsAgent({ crc32c, ca: cert }) }, respond)
      call.on('error', reject)
      call.end()
    })
  },
  undici: async (scheme, port, header, crc32c) => {
    const { cert } = certificate()
    const connect = proxyConnector(header, { crc32c, tls: { ca: cert } })
    const origin = `${scheme}://localhost:${port}`
    const dispatcher = new Client(origin, { connect })
    try {
      return await (await undiciRequest(origin, { dispatcher })).body.text()
    } finally {
      await dispatcher.close()
    }
  },
}

describeWithPeers(['haproxy', 'nginx', 'openssl'], 'what is sent, read by', () => {
  const own = stopAfterAll()
  const haproxy: Partial<Record<Scheme, number>> = {}
  const nginx: Partial<Record<Scheme, number>> = {}

  beforeAll(async () => {
    const seen =
      '%[src] %[src_port] %[dst] %[dst_port] tlvs=%[fc_pp_authority],%[fc_pp_unique_id] proxied=%[fc_rcvd_proxy]'
    const route = {
      mode: 'http',
      to: 1,
      bind: 'accept-proxy',
      lines: [`http-request return status 200 content-type text/plain lf-string "${seen}"`],
    } as const
    const { ports } = own(await startHaproxy({ http: route, https: { ...route, tls: true } }))
    Object.assign(haproxy, ports)

    Object.assign(nginx, { http: await freePort(), https: await freePort() })
    const { certFile, keyFile } = certificate()
    const answer = `return 200 "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port real=$remote_addr";`
    const http = `
server { listen 127.0.0.1:${nginx.http} proxy_protocol; ${answer} }
server {
  listen 127.0.0.1:${nginx.https} ssl proxy_protocol;
  ssl_certificate ${certFile};
  ssl_certificate_key ${keyFile};
  ${answer}
}`
    own(await startNginx({ http }))
  })

  describe.each(Object.entries(ways))('%s', (_, way) => {
    test.each<[Scheme]>([['http'], ['https']])('HAProxy accept-proxy, %s', async (scheme) => {
      const port = Number(haproxy[scheme])
      const ask = (header: HeaderInput, crc32c = false) => way(scheme, port, header, crc32c)
      const inet = '192.0.2.7 4711 198.51.100.1 443'
      expect(await ask({ ...INET, version: 1 })).toBe(`${inet} tlvs=, proxied=1`)
      expect(await ask(INET)).toBe(`${inet} tlvs=, proxied=1`)
      expect(await ask(TLVS, true)).toBe(`${inet} tlvs=app.example,id-1 proxied=1`)
      const inet6 = '2001:db8::7 4711 2001:db8:1::1 443 tlvs=, proxied=1'
      expect(await ask({ ...INET6, version: 1 })).toBe(inet6)
      expect(await ask(INET6, true)).toBe(inet6)
      const mixed = '::ffff:192.0.2.7 4711 2001:db8:1::1 443 tlvs=, proxied=1'
      expect(await ask({ ...MIXED, version: 1 })).toBe(mixed)
      expect(await ask(MIXED)).toBe(mixed)
      expect(await ask(LOCAL_HEADER)).toMatch(/^127\.0\.0\.1 \d+ 127\.0\.0\.1 /)
    })

    test.each<[Scheme]>([['http'], ['https']])('nginx proxy_protocol, %s', async (scheme) => {
      const port = Number(nginx[scheme])
      const ask = (header: HeaderInput, crc32c = false) => way(scheme, port, header, crc32c)
      const inet = '192.0.2.7 4711 198.51.100.1 443 real=127.0.0.1'
      expect(await ask({ ...INET, version: 1 })).toBe(inet)
      expect(await ask(INET)).toBe(inet)
      expect(await ask(TLVS, true)).toBe(inet)
      const inet6 = '2001:db8::7 4711 2001:db8:1::1 443 real=127.0.0.1'
      expect(await ask({ ...INET6, version: 1 })).toBe(inet6)
      expect(await ask(INET6)).toBe(inet6)
      expect(await ask(LOCAL_HEADER)).toBe('    real=127.0.0.1')
    })
  })
})

function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
    })
    stream.on('end', () => resolve(text))
    stream.on('error', reject)
  })
}
