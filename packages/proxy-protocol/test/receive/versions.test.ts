import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type AcceptedMessage,
  type AcceptOptions,
  acceptProxyProtocol,
  encode,
  LOCAL_HEADER,
  type Refusal,
  refusalLog,
} from '../../src/index.js'
import { ended, rawClient, until, v1 } from './raw.js'
import { listening } from './service.js'

const V1 = Buffer.from(v1('198.51.100.7'))
const V2 = encode({
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '198.51.100.7', port: 1 },
  destination: { address: '198.51.100.1', port: 2 },
})

/** Answers `served` and ends. */
async function accepting(options: Partial<AcceptOptions>) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('served')
  })
  const refusals: Refusal[] = []
  const handle = acceptProxyProtocol(server, {
    from: ['127.0.0.1'],
    onRefused: (refusal) => refusals.push(refusal),
    ...options,
  })
  const port = await listening(server)
  const send = async (...parts: readonly Uint8Array[]) => {
    const client = await rawClient(port)
    for (const part of parts) client.write(part)
    return ended(client)
  }
  return { handle, refusals, send }
}

describe('versions: a header of another version refuses the connection', () => {
  test.each<[string, (1 | 2)[], Buffer, string]>([
    ['version 1 where 1 is accepted', [1], V1, 'served'],
    ['version 2 where 2 is accepted', [2], V2, 'served'],
    ['version 1 where both are', [1, 2], V1, 'served'],
    ['version 2 where both are', [2, 1], V2, 'served'],
    ['version 2 where 1 is accepted', [1], V2, ''],
    ['LOCAL where 1 is accepted', [1], encode(LOCAL_HEADER), ''],
    ['version 1 where 2 is accepted', [2], V1, ''],
    ['UNKNOWN where 2 is accepted', [2], Buffer.from('PROXY UNKNOWN\r\n'), ''],
  ])('%s', async (_, versions, header, answer) => {
    const { handle, refusals, send } = await accepting({ versions })
    expect(await send(header)).toBe(answer)
    const refused = answer === ''
    expect(handle.counters.refused).toEqual(refused ? { 'version-not-accepted': 1 } : {})
    for (const { message } of refusals) {
      expect(message).toContain(`a PROXY header of version ${versions[0] === 1 ? 2 : 1} to`)
      expect(message).toContain('"versions" does not allow')
      expect(message).toContain('proxyProtocol: { versions: [1, 2] }')
    }
    expect(refusals).toHaveLength(refused ? 1 : 0)
  })

  test('by bytes as in one piece', async () => {
    const { handle, send } = await accepting({ versions: [2] })
    expect(await send(...Array.from(V1, (byte) => Uint8Array.of(byte)))).toBe('')
    expect(handle.counters.refused).toEqual({ 'version-not-accepted': 1 })
  })

  test('it is never payload, where the header may be left out too', async () => {
    const { handle, send } = await accepting({ versions: [2], optional: true })
    expect(await send(V1)).toBe('')
    expect(handle.counters).toMatchObject({ direct: 0, refused: { 'version-not-accepted': 1 } })
  })

  test('the second header in a row is held to it as well', async () => {
    const from = ['127.0.0.1', '198.51.100.7']
    const { handle, send } = await accepting({ versions: [2], maxHeaders: 2, from })
    expect(await send(Buffer.concat([V2, V1]))).toBe('')
    expect(handle.counters).toMatchObject({ accepted: 0, refused: { 'version-not-accepted': 1 } })
  })
})

test('connections are counted by the version of the header that the peer itself sent', async () => {
  const from = ['127.0.0.1', '198.51.100.7']
  const { handle, send } = await accepting({ maxHeaders: 2, from })
  for (const header of [V1, V1, V2, encode(LOCAL_HEADER), Buffer.concat([V1, V2])]) {
    // The source of the first one may send another: only a payload says that there is none.
    expect(await send(header, Buffer.from('x'))).toBe('served')
  }
  expect(handle.counters).toMatchObject({ accepted: 5, version1: 3, version2: 2, local: 1 })
})

describe('the name of a listener', () => {
  test('is in counters, refusals, log lines and messages', async () => {
    const lines: object[] = []
    const log = refusalLog({ warn: (fields) => lines.push(fields) })
    const accepted: AcceptedMessage[] = []
    const listener = (message: unknown) => accepted.push(message as AcceptedMessage)
    subscribe('truehop.proxy_protocol.accepted', listener)
    onTestFinished(() => {
      unsubscribe('truehop.proxy_protocol.accepted', listener)
    })
    const { handle, send } = await accepting({ name: 'public 443', onRefused: log })
    await send(Buffer.from('EHLO a\r\n'))
    await send(V2)
    await until(() => lines.length === 1 && accepted.length === 1)
    expect(handle.counters.name).toBe('public 443')
    expect(lines[0]).toMatchObject({ reason: 'missing', listener: 'public 443' })
    expect(accepted[0]?.listener).toBe('public 443')
  })

  test('is absent where none was given', async () => {
    const { handle, refusals, send } = await accepting({})
    await send(Buffer.from('EHLO a\r\n'))
    expect(handle.counters).not.toHaveProperty('name')
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).not.toHaveProperty('listener')
  })
})
