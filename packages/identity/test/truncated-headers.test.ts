import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bindRequest, bindServer, definePolicy, identityOf, resolve } from '../src/index.js'
import { mayLackHeaders } from '../src/request/read-evidence.js'

const policy = definePolicy({
  hops: [
    { from: ['127.0.0.1'], asserts: 'x-forwarded-for' },
    { from: ['10.0.0.0/8'], asserts: 'x-real-ip' },
  ],
})

/** What the client writes itself; the proxy's own line comes last, and names the client. */
const VICTIM = '203.0.113.66'
const ATTACKER = '198.51.100.7'

/** The client's address, why there is none, or the status of a request that was refused. */
async function seenWith(server: Server, fillers: number): Promise<string> {
  server.on('request', (request, response) => {
    const identity = identityOf(request)
    response.end(identity.status === 'resolved' ? identity.ip : identity.reason)
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const claims = [`X-Forwarded-For: ${VICTIM}`, ...Array(fillers).fill('a:')]
  const lines = ['GET / HTTP/1.1', 'Host: test', 'Connection: close', ...claims]
  socket.write([...lines, `X-Forwarded-For: ${ATTACKER}`, '', ''].join('\r\n'))
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  return head.startsWith('HTTP/1.1 200') ? body : head.slice(9, 12)
}

/** Node refuses such a request, or drops lines without a word: that depends on its version. */
const REFUSED_OR_NOBODY = /^(431|headers-truncated)$/

describe('a proxy’s header behind more lines than Node keeps', () => {
  test.each([998, 1000, 1040, 2000])('names nobody behind %i lines', async (fillers) => {
    const server = createServer()
    bindServer(server, policy)
    expect(await seenWith(server, fillers)).toMatch(REFUSED_OR_NOBODY)
  })

  test('names nobody where only the request was bound', async () => {
    const server = createServer((request) => bindRequest(request, policy))
    expect(await seenWith(server, 1000)).toMatch(REFUSED_OR_NOBODY)
  })

  test('heeds a maxHeadersCount that the server has been given', async () => {
    const server = createServer()
    bindServer(server, policy)
    server.maxHeadersCount = 10
    expect(await seenWith(server, 10)).toMatch(REFUSED_OR_NOBODY)
  })

  test.each([
    ['few enough lines', null, 900],
    ['a server that keeps more', 3000, 2000],
    ['a server that keeps all', 0, 2000],
  ])('names the client with %s', async (_, maxHeadersCount, fillers) => {
    const server = createServer()
    bindServer(server, policy)
    server.maxHeadersCount = maxHeadersCount
    expect(await seenWith(server, fillers)).toBe(ATTACKER)
  })
})

test('are not taken for the same headers as of an earlier request on the connection', () => {
  const socket = { remoteAddress: '127.0.0.1' }
  const seen = (fillers: number) => {
    const rawHeaders = Array(2 * (fillers + 1)).fill('a')
    const headers = { 'x-forwarded-for': VICTIM }
    const raw = { httpVersionMajor: 1, socket, headers, rawHeaders } as unknown as IncomingMessage
    bindRequest(raw, policy)
    const identity = identityOf(raw)
    return identity.status === 'resolved' ? identity.ip : identity.reason
  }
  // A proxy that reuses its connection sends the victim's requests first, then the attacker's.
  expect([seen(0), seen(0), seen(1000), seen(0)]).toEqual([
    VICTIM,
    VICTIM,
    'headers-truncated',
    VICTIM,
  ])
})

describe('truncated headers', () => {
  const headers = { 'x-forwarded-for': ATTACKER }

  test('make every header undetermined that a trusted hop asserts, absent ones too', () => {
    const undetermined = { status: 'undetermined', reason: 'headers-truncated' }
    for (const peer of ['127.0.0.1', '10.0.0.1']) {
      expect(resolve(policy, { peer, headers, headersTruncated: true })).toMatchObject({
        ...undetermined,
        lastTrustedHop: peer,
      })
    }
  })

  test('change nothing for a peer that no rule trusts', () => {
    const peer = '192.0.2.1'
    const identity = resolve(policy, { peer, headers, headersTruncated: true })
    expect(identity).toMatchObject({ status: 'resolved', ip: peer, reason: 'peer-untrusted' })
  })
})

describe('lines of a request that Node may have dropped', () => {
  const lines = (count: number) => Array<string>(2 * count).fill('a')

  test.each<[number, number | undefined, boolean]>([
    [999, undefined, false],
    [1000, undefined, true],
    [9, 10, false],
    [10, 10, true],
    [11, 10, true],
    [5000, 0, false],
  ])('%i of at most %s: %s', (count, most, may) => {
    expect(mayLackHeaders(lines(count), most)).toBe(may)
  })

  test('are none of a request that has no lines', () => {
    expect(mayLackHeaders(undefined)).toBe(false)
  })
})
