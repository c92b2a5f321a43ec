import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { connectionRefusal, definePolicy, type PolicyOptions } from '@truehop/identity'
import { acceptProxyProtocol, decode, type ProxyHeader } from '@truehop/proxy-protocol'
import { expect, test } from 'vitest'

/**
 * What an explanation says of a connection is what the receiver does with it. The rule: section 2 of
 * the PROXY protocol's specification (the receiver must be configured to expect the header, and must
 * not guess), and the settings of docs/proxy-protocol.md.
 */
const INNER = 'PROXY TCP4 198.51.100.7 127.0.0.1 1 2\r\n'
const OUTER = 'PROXY TCP4 127.0.0.1 127.0.0.1 3 4\r\n'
const rule = (from: string) => [{ from: [from], asserts: 'proxy-protocol' }] as const

type Row = readonly [
  name: string,
  policy: PolicyOptions,
  headers: readonly string[],
  /** What happens: a reason of the receiver, a request, or one that the server cannot read. */
  happens: string,
]

const ROWS: readonly Row[] = [
  ['a header of a sender', { hops: rule('127.0.0.1') }, [INNER], 'served'],
  ['no header of a sender', { hops: rule('127.0.0.1') }, [], 'http-without-header'],
  [
    'no header where it may be left out',
    { hops: rule('127.0.0.1'), proxyProtocol: { optional: true } },
    [],
    'served',
  ],
  ['a stranger', { hops: rule('192.0.2.1') }, [], 'untrusted-peer'],
  ['a stranger with a header', { hops: rule('192.0.2.1') }, [INNER], 'untrusted-peer'],
  [
    'a direct client',
    { hops: rule('192.0.2.1'), proxyProtocol: { direct: 'accept' } },
    [],
    'served',
  ],
  [
    'a direct client with a header',
    { hops: rule('192.0.2.1'), proxyProtocol: { direct: 'accept' } },
    [INNER],
    'header-in-payload',
  ],
  [
    'a health checker',
    { hops: rule('192.0.2.1'), proxyProtocol: { healthCheckFrom: ['127.0.0.0/8'] } },
    [],
    'served',
  ],
  [
    'a sender that is a health checker too',
    { hops: rule('127.0.0.1'), proxyProtocol: { healthCheckFrom: ['127.0.0.1'] } },
    [],
    'served',
  ],
  [
    'a version that is not accepted',
    { hops: rule('127.0.0.1'), proxyProtocol: { versions: [2] } },
    [INNER],
    'version-not-accepted',
  ],
  ['a second header', { hops: rule('127.0.0.1') }, [OUTER, INNER], 'header-in-payload'],
  [
    'a second header where two are read',
    { hops: rule('127.0.0.1'), proxyProtocol: { maxHeaders: 2 } },
    [OUTER, INNER],
    'served',
  ],
  [
    'a second header of somebody who may not send one',
    { hops: rule('127.0.0.1'), proxyProtocol: { maxHeaders: 2 } },
    [INNER, INNER],
    'header-in-payload',
  ],
]

test.each(ROWS)(
  '%s: an explanation says what the receiver does',
  async (_, options, lines, happens) => {
    const policy = definePolicy(options)
    const { proxyProtocol: settings } = policy.current
    if (settings === undefined) throw new Error('no receiver')
    const server = createServer((_request, response) => response.end('served'))
    const reasons: string[] = []
    acceptProxyProtocol(server, { ...settings, onRefused: ({ reason }) => reasons.push(reason) })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    socket.end(`${lines.join('')}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text
    })
    await once(socket, 'close')
    await expect.poll(() => reasons.length > 0 || answer !== '').toBe(true)
    server.close()
    const done = answer.startsWith('HTTP/1.1 200') ? 'served' : 'header-in-payload'
    expect(reasons[0] ?? done).toBe(happens)
    const refusal = connectionRefusal(policy, {
      peer: '127.0.0.1',
      headers: { host: 'a' },
      proxyHeaders: lines.map(headerIn),
    })
    expect(refusal?.reason ?? 'served').toBe(happens)
  },
)

function headerIn(line: string): ProxyHeader {
  const result = decode(Buffer.from(line, 'latin1'))
  if (result.status !== 'complete') throw new Error('not a header')
  return result.header
}

test('only the peer is judged where it is not known what it sent', () => {
  const policy = definePolicy({ hops: rule('127.0.0.1') })
  expect(connectionRefusal(policy, { peer: '127.0.0.1', headers: {} })).toBeUndefined()
  expect(connectionRefusal(policy, { peer: '192.0.2.1', headers: {} })?.reason).toBe(
    'untrusted-peer',
  )
  expect(connectionRefusal(policy, { peer: 'event', headers: {} })).toBeUndefined()
  expect(connectionRefusal(policy, { peer: undefined, headers: {} })).toBeUndefined()
  const lists = definePolicy({ trust: ['127.0.0.1'], header: 'x-forwarded-for' })
  expect(connectionRefusal(lists, { peer: '192.0.2.1', proxyHeaders: [] })).toBeUndefined()
})

test('what the connection begins with decides which reason a missing header has', () => {
  const policy = definePolicy({ hops: rule('127.0.0.1') })
  const peer = { peer: '127.0.0.1', proxyHeaders: [] }
  expect(connectionRefusal(policy, { ...peer, encrypted: true })?.reason).toBe('tls-without-header')
  expect(connectionRefusal(policy, peer)?.reason).toBe('missing')
})
