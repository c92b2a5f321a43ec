import { createServer } from 'node:net'
import { Agent, Client, Pool, request } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  acceptProxyProtocol,
  EncodeError,
  type HeaderInput,
  proxyConnector,
} from '../../src/index.js'
import { type Answer, echoServer, listening, PEM, portOf } from '../receive/service.js'

function headerOf(address: string): HeaderInput {
  return {
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address, port: 4711 },
    destination: { address: '198.51.100.1', port: 443 },
  }
}

const OPTIONS = { tls: { ca: PEM }, crc32c: true }

describe.each(['http', 'https'] as const)('the connector in undici, %s', (scheme) => {
  test('a Client, a Pool and an Agent send the header first', async () => {
    const server = echoServer(scheme)
    const handle = acceptProxyProtocol(server, { from: ['loopback'] })
    const origin = `${scheme}://localhost:${await listening(server)}`
    const connect = proxyConnector(headerOf('192.0.2.1'), OPTIONS)
    const dispatchers = [
      new Client(origin, { connect }),
      new Pool(origin, { connect, connections: 2 }),
      new Agent({ connect }),
    ]
    for (const dispatcher of dispatchers) {
      onTestFinished(() => dispatcher.destroy())
      for (let times = 0; times < 3; times++) {
        const { body } = await request(origin, { dispatcher, method: 'POST', body: `no ${times}` })
        expect((await body.json()) as Answer).toMatchObject({
          body: `no ${times}`,
          evidence: { headers: [{ source: { address: '192.0.2.1', port: 4711 } }] },
        })
      }
    }
    expect(handle.counters).toMatchObject({ refusedTotal: 0, direct: 0 })
  })

  test('two clients have a pool each', async () => {
    const server = echoServer(scheme)
    acceptProxyProtocol(server, { from: ['loopback'] })
    const origin = `${scheme}://localhost:${await listening(server)}`
    const names = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
    const pools = names.map(
      (name) => new Pool(origin, { connect: proxyConnector(headerOf(name), OPTIONS) }),
    )
    onTestFinished(() => Promise.all(pools.map((pool) => pool.destroy())).then(() => {}))
    for (let times = 0; times < 2; times++) {
      const answers = pools.map(async (dispatcher) => {
        const { body } = await request(origin, { dispatcher })
        return (await body.json()) as Answer
      })
      const sources = (await Promise.all(answers)).map(
        ({ evidence }) => evidence.headers[0]?.source,
      )
      expect(sources).toEqual(names.map((address) => ({ address, port: 4711 })))
    }
  })

  test('a refused connection fails the request', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `${scheme}://127.0.0.1:${portOf(server)}`
    await new Promise((resolve) => server.close(resolve))
    const dispatcher = new Client(origin, { connect: proxyConnector(headerOf('192.0.2.1')) })
    onTestFinished(() => dispatcher.destroy())
    await expect(request(origin, { dispatcher })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

test('HTTP/2 by ALPN, where it is asked for', async () => {
  const server = echoServer('h2')
  acceptProxyProtocol(server, { from: ['loopback'] })
  const origin = `https://localhost:${await listening(server)}`
  const connect = proxyConnector(headerOf('192.0.2.1'), {
    tls: { ca: PEM, ALPNProtocols: ['h2'] },
  })
  const dispatcher = new Client(origin, { connect, allowH2: true })
  onTestFinished(() => dispatcher.destroy())
  const { body } = await request(origin, { dispatcher, method: 'POST', body: 'hi' })
  expect((await body.json()) as Answer).toMatchObject({
    body: 'hi',
    evidence: { headers: [{ source: { address: '192.0.2.1' } }] },
  })
})

test('a server that accepts and then says nothing fails the request at the timeout', async () => {
  const server = createServer()
  const origin = `https://127.0.0.1:${await listening(server)}`
  const connect = proxyConnector(headerOf('192.0.2.1'), { timeout: 50 })
  const dispatcher = new Client(origin, { connect })
  onTestFinished(() => dispatcher.destroy())
  await expect(request(origin, { dispatcher })).rejects.toThrow('no connection within 50 ms')
})

test('a header that has no form throws when the connector is made', () => {
  expect(() => proxyConnector(headerOf('localhost'))).toThrow(EncodeError)
})

test('a misspelt option is an error that says which one to write', () => {
  const options: object = { timeOut: 500 }
  expect(() => proxyConnector(headerOf('203.0.113.7'), options)).toThrow(
    new TypeError('timeOut: unknown option; write timeout'),
  )
})
