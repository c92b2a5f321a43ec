import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encode } from '@truehop/proxy-protocol'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startExample } from '../peers/harness/example.js'
import { stopAfterAll } from '../peers/harness/service.js'

const A = '198.51.100.7'
const B = '203.0.113.9'

describe('limits on TCP connections', () => {
  const own = stopAfterAll()
  const sockets: Socket[] = []
  let port = 0

  beforeAll(async () => {
    port = own(await startExample('limit-tcp')).port
  })

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })

  async function greeted(address: string): Promise<{ socket: Socket; text: string }> {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    const header = encode({
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address, port: 51_442 },
      destination: { address: '192.0.2.80', port: 443 },
    })
    socket.write(header)
    const [text] = await once(socket, 'data')
    return { socket, text: String(text) }
  }

  test('count those of each client that are open, and give one back that ends', async () => {
    const first = await greeted(A)
    expect(first.text).toBe(`welcome ${A}\r\n`)
    expect((await greeted(A)).text).toContain('welcome')
    expect((await greeted(A)).text).toContain('too many connections (open)')
    expect((await greeted(B)).text).toContain(`welcome ${B}`)
    first.socket.end()
    await once(first.socket, 'close')
    // What was refused is charged to neither limit: two of five new ones are used.
    expect((await greeted(A)).text).toContain('welcome')
  })
})

describe('limits on WebSocket messages', () => {
  const own = stopAfterAll()
  const sockets: WebSocket[] = []
  let port = 0

  beforeAll(async () => {
    port = own(await startExample('limit-websocket')).port
  })

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate()
  })

  async function opened(address: string): Promise<WebSocket> {
    const headers = { 'x-forwarded-for': address }
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers })
    sockets.push(socket)
    await once(socket, 'open')
    return socket
  }

  async function said(socket: WebSocket, text: string): Promise<string> {
    const heard = once(socket, 'message')
    socket.send(text)
    return String((await heard)[0])
  }

  test('count the messages of all connections of a client, by length, and end in a ban', async () => {
    const [one, two, other] = [await opened(A), await opened(A), await opened(B)]
    expect(await said(one, 'x'.repeat(3000))).toContain('you said')
    for (const socket of [one, two]) expect(await said(socket, 'hello')).toBe('you said: hello')
    expect(await said(two, 'x'.repeat(5000))).toContain('slow down: try again in')
    expect(await said(other, 'hello')).toBe('you said: hello')
    const closed = once(two, 'close')
    for (let i = 0; i < 40; i++) two.send('x'.repeat(5000))
    expect((await closed)[0]).toBe(1013)
  })
})

describe('a limit on the cost of GraphQL queries', () => {
  const own = stopAfterAll()
  let port = 0

  beforeAll(async () => {
    port = own(await startExample('limit-graphql')).port
  })

  const asked = async (query: string, client = A) => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': client },
      body: JSON.stringify({ query }),
    })
    return { status: response.status, limit: response.headers.get('ratelimit') }
  }

  test('charges each query what it asks for, and refuses what costs too much', async () => {
    expect(await asked('query Me { me { name } }')).toMatchObject({
      status: 200,
      limit: expect.stringContaining('r=998'),
    })
    // One field, and a hundred times two.
    expect(await asked('{ users(first: 100) { name mail } }')).toMatchObject({
      limit: expect.stringContaining('r=797'),
    })
    const nested = '{ a(first: 1000) { b(first: 1000) { c(first: 1000) { d } } } }'
    expect(await asked(nested)).toMatchObject({ status: 429 })
    expect(await asked('{ me { name } }', B)).toMatchObject({ status: 200 })
  })
})
