import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ask } from '../../packages/proxy-protocol/test/receive/client.js'
import { rawClient, until } from '../../packages/proxy-protocol/test/receive/raw.js'
import {
  echoServer,
  KINDS,
  listening,
  PEM,
} from '../../packages/proxy-protocol/test/receive/service.js'
import { CASES } from '../field/delivery/frames.mjs'
import { startHaproxy } from './harness/haproxy.js'
import { describeWithPeers } from './harness/peer.js'

/** The port of an HAProxy that passes bytes on to `to`, with a header in front. */
async function haproxyTo(to: number, server: string): Promise<number> {
  const haproxy = await startHaproxy({ client: { mode: 'tcp', to, server } })
  onTestFinished(() => haproxy.stop())
  return haproxy.ports.client
}

const evidence = (version: number) => ({
  peer: '127.0.0.1',
  headers: [{ version, command: 'PROXY', source: { address: '127.0.0.1' } }],
})

describeWithPeers(['haproxy'], 'HAProxy in front of every kind of server', () => {
  describe.each([
    ['send-proxy', 1],
    ['send-proxy-v2', 2],
    // A checksum, so the whole header has to be right.
    ['send-proxy-v2 proxy-v2-options crc32c,unique-id', 2],
  ])('%s', (server, version) => {
    test.each(KINDS)('%s', async (kind) => {
      const service = echoServer(kind)
      acceptProxyProtocol(service, { from: ['loopback'] })
      const port = await haproxyTo(await listening(service), server)
      const body = 'x'.repeat(100_000)
      expect(await ask(kind, port, body)).toMatchObject({ body, evidence: evidence(version) })
    })

    test.each(['ws', 'wss'])('%s: an upgrade', async (scheme) => {
      const service = scheme === 'ws' ? createServer() : createHttps({ key: PEM, cert: PEM })
      const sockets = new WebSocketServer({ server: service })
      sockets.on('connection', (socket, request) => {
        socket.on('message', (data) => {
          socket.send(JSON.stringify({ data: String(data), evidence: proxyEvidence(request) }))
        })
      })
      acceptProxyProtocol(service, { from: ['loopback'] })
      const port = await haproxyTo(await listening(service), server)
      const client = new WebSocket(`${scheme}://localhost:${port}`, { ca: PEM, family: 4 })
      onTestFinished(() => client.terminate())
      await once(client, 'open')
      client.send('hi')
      const [message] = await once(client, 'message')
      expect(JSON.parse(String(message))).toMatchObject({ data: 'hi', evidence: evidence(version) })
    })
  })

  // An error that nobody catches fails the run.
  test.each(Object.entries(CASES))(
    'HTTP/2 in clear text in one write, %s: ends nothing',
    async (_, bytes) => {
      const service = echoServer('h2c')
      const handle = acceptProxyProtocol(service, { from: ['loopback'] })
      const port = await haproxyTo(await listening(service), 'send-proxy-v2')
      for (let times = 1; times <= 3; times++) {
        const client = await rawClient(port)
        client.write(bytes)
        await until(() => handle.counters.accepted === times)
        await delay(20)
        client.destroy()
      }
      expect(await ask('h2c', port, 'hello')).toMatchObject({
        body: 'hello',
        evidence: evidence(2),
      })
    },
  )

  test('TLS that HAProxy starts itself, behind the header', async () => {
    const service = echoServer('tls')
    acceptProxyProtocol(service, { from: ['loopback'] })
    const server = 'send-proxy-v2 ssl verify none'
    const port = await haproxyTo(await listening(service), server)
    expect(await ask('net', port, 'hello')).toMatchObject({ body: 'hello', evidence: evidence(2) })
  })

  test.each([
    ['http', ''],
    ['https', 'ssl verify none'],
    ['h2c', 'proto h2'],
    ['h2', 'ssl verify none alpn h2'],
    ['h2-http1', 'ssl verify none'],
  ] as const)('HTTP that HAProxy speaks itself: %s', async (kind, words) => {
    const service = echoServer(kind)
    acceptProxyProtocol(service, { from: ['loopback'] })
    const to = await listening(service)
    const server = `send-proxy-v2 ${words}`
    const haproxy = await startHaproxy({ client: { mode: 'http', to, server } })
    onTestFinished(() => haproxy.stop())
    const body = 'x'.repeat(100_000)
    const answer = await ask('http', haproxy.ports.client, body)
    expect(answer).toMatchObject({ body, evidence: evidence(2) })
  })
})
