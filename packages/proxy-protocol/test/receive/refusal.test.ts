import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { SIGNATURE } from '../../../../test/bytes/proxy-header.js'
import {
  type AcceptOptions,
  acceptProxyProtocol,
  encode,
  type ProxyProtocolHandle,
  type Refusal,
} from '../../src/index.js'
import { ended, rawClient, standStill, until, v1 } from './raw.js'
import { listening } from './service.js'

interface Fixture {
  readonly server: Server
  readonly port: number
  readonly handle: ProxyProtocolHandle
  readonly refusals: Refusal[]
}

async function accepting(options: Partial<AcceptOptions> = {}): Promise<Fixture> {
  const server = createServer((_, response) => {
    response.end('hello')
  })
  const refusals: Refusal[] = []
  const handle = acceptProxyProtocol(server, {
    from: ['127.0.0.1'],
    onRefused: (refusal) => refusals.push(refusal),
    ...options,
  })
  return { server, port: await listening(server), handle, refusals }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const CLIENT_HELLO = Buffer.from('160301020001000001fc0303', 'hex')
const V2_BAD_CRC = (() => {
  const header = encode(
    {
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '192.0.2.1', port: 1 },
      destination: { address: '192.0.2.2', port: 2 },
    },
    { crc32c: true },
  )
  header[16] = 193
  return header
})()

describe('bytes that are not a valid header end the connection with a reason', () => {
  const v2 = (rest: string) => Buffer.from(`${SIGNATURE}${rest}`, 'hex')
  test.each<[string, string | Buffer, string]>([
    ['missing', 'EHLO mail.example\r\n', 'make it send the header'],
    ['missing', '\x00', 'make it send the header'],
    ['http-without-header', GET, 'healthCheckFrom'],
    ['http-without-header', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'healthCheckFrom'],
    ['http-without-header', 'CONNECT example.com:443 HTTP/1.1\r\n', 'healthCheckFrom'],
    ['tls-without-header', CLIENT_HELLO, 'before TLS'],
    ['malformed:v1_bad_address', `PROXY TCP4 1.2.3.04 1.1.1.1 1 2\r\n${GET}`, '1.2.3.04'],
    ['malformed:v1_too_long', `PROXY ${'x'.repeat(120)}`, 'malformed'],
    [
      'malformed:v2_bad_version',
      v2('1111000c0102030401020304 00010002'.replace(' ', '')),
      'version',
    ],
    ['malformed:v2_bad_command', v2('22110000'), 'malformed'],
    ['malformed:v2_short_address', v2('2111000401020304'), 'malformed'],
    ['malformed:v2_too_long', v2('21110ff1'), '4096'],
    ['checksum', V2_BAD_CRC, 'CRC32C'],
  ])('%s: %j', async (reason, bytes, hint) => {
    const { port, handle, refusals } = await accepting()
    const client = await rawClient(port)
    client.write(bytes)
    expect(await ended(client)).toBe('')
    expect(handle.counters).toMatchObject({
      accepted: 0,
      direct: 0,
      pending: 0,
      refused: { [reason]: 1 },
      refusedTotal: 1,
    })
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).toMatchObject({
      reason,
      peer: '127.0.0.1',
      peerPort: expect.any(Number),
      localAddress: '127.0.0.1',
      localPort: port,
      firstBytes: Uint8Array.from(Buffer.from(bytes).subarray(0, 32)),
    })
    expect(refusals[0]?.message).toContain(hint)
    expect(refusals[0]?.message).toContain(`127.0.0.1:${port}`)
  })
})

describe('a peer that does not finish its header', () => {
  const unfinished = 'PROXY TCP4 192.0.2.'

  test.each([
    ['says nothing', ''],
    ['stops in the middle', unfinished],
  ])('%s: refused at the deadline, others go on', async (_, bytes) => {
    const { port, handle, refusals } = await accepting({ timeout: 300, unsafeShortTimeout: true })
    const silent = await rawClient(port)
    silent.write(bytes)
    const good = await rawClient(port)
    good.write(v1('192.0.2.1') + GET)
    expect(await ended(good)).toContain('hello')
    expect(await ended(silent)).toBe('')
    expect(refusals).toMatchObject([
      { reason: 'timeout', firstBytes: Uint8Array.from(Buffer.from(bytes)), localPort: port },
    ])
    expect(handle.counters).toMatchObject({ accepted: 1, pending: 0, refused: { timeout: 1 } })
  })

  test('trickles: the deadline counts from the accept, not from the last byte', async () => {
    const { port, handle } = await accepting({ timeout: 400, unsafeShortTimeout: true })
    const client = await rawClient(port)
    const header = v1('192.0.2.1')
    let sent = 0
    const trickle = setInterval(() => client.write(header[sent++] ?? ''), 40)
    onTestFinished(() => clearInterval(trickle))
    await ended(client)
    expect(handle.counters.refused).toEqual({ timeout: 1 })
    expect(sent).toBeLessThan(header.length)
  })

  test('is not refused for its silence once the header is in', async () => {
    const { port, handle } = await accepting({ timeout: 300, unsafeShortTimeout: true })
    const client = await rawClient(port)
    client.write(v1('192.0.2.1'))
    await new Promise((resolve) => setTimeout(resolve, 600))
    client.write(GET)
    expect(await ended(client)).toContain('hello')
    expect(handle.counters).toMatchObject({ accepted: 1, refusedTotal: 0 })
  })

  test('is not refused for a pause of this process', async () => {
    const { port, handle } = await accepting({ timeout: 3000 })
    const client = await rawClient(port)
    await until(() => handle.counters.pending === 1)
    client.write(v1('192.0.2.1') + GET)
    standStill(3200)
    expect(await ended(client)).toContain('hello')
    expect(handle.counters).toMatchObject({ accepted: 1, refusedTotal: 0 })
  })

  test('resets: counted as reset, and no error escapes', async () => {
    const { port, handle, refusals } = await accepting()
    const client = await rawClient(port)
    client.write(unfinished)
    await until(() => handle.counters.pending === 1)
    // A reset overtakes what was not read yet, which a few turns of this process read.
    for (let turn = 0; turn < 10; turn++) await nextTurn()
    client.resetAndDestroy()
    await until(() => handle.counters.refusedTotal === 1)
    expect(handle.counters).toMatchObject({ pending: 0, probes: 0, refused: { reset: 1 } })
    expect(refusals[0]?.message).toContain('19 bytes')
    expect(refusals[0]?.localPort).toBe(port)
  })

  test.each([unfinished, '\r\n'])('closes after %j: counted as closed', async (bytes) => {
    const { port, handle } = await accepting()
    const client = await rawClient(port)
    client.end(bytes)
    expect(await ended(client)).toBe('')
    await until(() => handle.counters.refusedTotal === 1)
    expect(handle.counters).toMatchObject({ pending: 0, probes: 0, refused: { closed: 1 } })
  })
})

describe('a connection opened and ended without a byte is a probe, not a refusal', () => {
  test.each(['closed', 'reset'])('%s', async (how) => {
    const { port, handle, refusals } = await accepting()
    const client = await rawClient(port)
    if (how === 'reset') client.resetAndDestroy()
    else client.end()
    await until(() => handle.counters.probes === 1)
    expect(handle.counters).toMatchObject({ probes: 1, pending: 0, refusedTotal: 0 })
    expect(refusals).toEqual([])
  })

  test('many at once are counted exactly', async () => {
    const { port, handle } = await accepting()
    const clients = await Promise.all(Array.from({ length: 200 }, () => rawClient(port)))
    for (const [index, client] of clients.entries()) {
      if (index % 2 === 0) client.end()
      else client.resetAndDestroy()
    }
    await until(() => handle.counters.probes === 200)
    expect(handle.counters).toMatchObject({ pending: 0, refusedTotal: 0 })
  })
})

describe('a setting that a refusal names can be pasted as it is', () => {
  const STRANGER = '127.0.0.2'
  const HEADER = v1('192.0.2.1')
  const V2_LONG = encode({
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address: '192.0.2.1', port: 1 },
    destination: { address: '192.0.2.2', port: 2 },
    tlvs: [{ type: 0xe0, value: Buffer.alloc(5000) }],
  })

  /** What comes after `key: ` in a message, as a program reads it. */
  function pasted(message: string, setting: string): Partial<AcceptOptions> {
    expect(message).toContain(setting)
    const inside = /^proxyProtocol: (\{.*\})$/.exec(setting)?.[1] ?? `{ ${setting} }`
    return new Function(`return (${inside})`)()
  }

  test.each<[string, Partial<AcceptOptions>, string, string | Buffer, string]>([
    ['malformed:v2_too_long', {}, '127.0.0.1', V2_LONG, 'maxHeaderBytes: 16_384'],
    ['checksum', {}, '127.0.0.1', V2_BAD_CRC, "crc32c: 'ignore'"],
    ['http-without-header', {}, '127.0.0.1', GET, "healthCheckFrom: ['127.0.0.1']"],
    ['untrusted-peer', {}, STRANGER, GET, `healthCheckFrom: ['${STRANGER}']`],
    ['untrusted-peer', {}, STRANGER, GET, "direct: 'accept'"],
    [
      'too-many-pending',
      { maxPending: 1, maxPendingPerPeer: 9 },
      '127.0.0.1',
      HEADER,
      'maxPending: 2',
    ],
    [
      'too-many-pending',
      { maxPending: 9, maxPendingPerPeer: 1 },
      '127.0.0.1',
      HEADER,
      'maxPendingPerPeer: 2',
    ],
  ])('%s, %j, from %s', async (reason, options, localAddress, bytes, text) => {
    const before = await accepting(options)
    const after = await attempt(before, localAddress, bytes)
    expect(after).toMatchObject({ reason })
    const settings = pasted(after?.message ?? '', `proxyProtocol: { ${text} }`)
    const mended = await accepting({ ...options, ...settings })
    expect(await attempt(mended, localAddress, bytes)).toBeUndefined()
  })

  test('the entry for "from" too', async () => {
    const refusal = await attempt(await accepting(), STRANGER, HEADER)
    const settings = pasted(refusal?.message ?? '', `from: ['${STRANGER}']`)
    expect(await attempt(await accepting(settings), STRANGER, HEADER)).toBeUndefined()
  })

  test('a timeout that is longer than the one there was', async () => {
    const { port, refusals } = await accepting({ timeout: 50, unsafeShortTimeout: true })
    await ended(await rawClient(port))
    const settings = pasted(refusals[0]?.message ?? '', 'proxyProtocol: { timeout: 15_000 }')
    expect((await accepting(settings)).handle.counters.refusedTotal).toBe(0)
  })

  /** Connects after another connection of the proxy, which stays silent; gives the refusal, if there was one. */
  async function attempt(
    { port, handle, refusals }: Fixture,
    localAddress: string,
    bytes: string | Buffer,
  ): Promise<Refusal | undefined> {
    if (localAddress !== STRANGER) {
      await rawClient(port)
      await until(() => handle.counters.pending === 1)
    }
    const client = await rawClient(port, { localAddress })
    client.write(bytes)
    const total = () => handle.counters.accepted + handle.counters.direct + refusals.length
    await until(() => total() === 1)
    return refusals[0]
  }
})

describe('two families in one line', () => {
  const advice =
    "let nginx listen and connect in one family, or if it cannot, set proxyProtocol: { mixedFamilies: 'accept' }"

  test.each([
    ['PROXY TCP4 192.0.2.1 2001:db8::1 1 2\r\n', true],
    ['PROXY TCP6 192.0.2.1 2001:db8::1 1 2\r\n', true],
    ['PROXY TCP4 2001:db8::1 192.0.2.1 1 2\r\n', true],
    ['PROXY TCP4 192.0.2.01 192.0.2.1 1 2\r\n', false],
    ['PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n', false],
    ['PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n', false],
    ['PROXY TCP4 localhost 2001:db8::2 1 2\r\n', false],
    ['PROXY TCP4 192.0.2.1  2001:db8::2 1 2\r\n', false],
  ])('%j: advice for nginx: %s', async (line, isAdvised) => {
    const { port, refusals } = await accepting()
    const client = await rawClient(port)
    client.write(line)
    await ended(client)
    expect(refusals).toHaveLength(1)
    expect(refusals[0]?.message.includes(advice)).toBe(isAdvised)
  })
})

describe('peers outside of from', () => {
  test.each<[string, string | Buffer, string]>([
    ['a PROXY header', v1('192.0.2.1') + GET, 'sent a PROXY header'],
    ['an HTTP request', GET, 'sent an HTTP request without'],
    ['a TLS handshake', CLIENT_HELLO, 'started TLS'],
    ['something else', 'EHLO x\r\n', 'connected'],
  ])(
    'are refused by default when they send %s, and the message says so',
    async (_, bytes, what) => {
      const { port, handle, refusals } = await accepting()
      const client = await rawClient(port, { localAddress: '127.0.0.2' })
      client.write(bytes)
      expect(await ended(client)).toBe('')
      expect(handle.counters).toMatchObject({ pending: 0, refused: { 'untrusted-peer': 1 } })
      expect(refusals).toMatchObject([
        {
          reason: 'untrusted-peer',
          peer: '127.0.0.2',
          firstBytes: Uint8Array.from(Buffer.from(bytes).subarray(0, 32)),
        },
      ])
      expect(refusals[0]?.message).toContain(what)
      expect(refusals[0]?.message).toContain('"from"')
    },
  )

  test('are refused when they send nothing, and when they leave', async () => {
    const { port, handle, refusals } = await accepting()
    const silent = await rawClient(port, { localAddress: '127.0.0.2' })
    const leaving = await rawClient(port, { localAddress: '127.0.0.3' })
    leaving.end()
    expect(await ended(silent)).toBe('')
    expect(handle.counters).toMatchObject({ probes: 0, refused: { 'untrusted-peer': 2 } })
    expect(refusals.map(({ peer }) => peer)).toEqual(['127.0.0.3', '127.0.0.2'])
  })

  test('are refused at once when there are many of them, or nobody listens', async () => {
    const many = await accepting()
    let accepted = 0
    const count = () => accepted++
    subscribe('net.server.socket', count)
    onTestFinished(() => void unsubscribe('net.server.socket', count))
    const clients = Array.from({ length: 300 }, (_, at) =>
      rawClient(many.port, { localAddress: `127.0.0.${2 + (at % 50)}` }),
    )
    await Promise.all(clients)
    await until(() => accepted === 300)
    await until(() => many.handle.counters.refusedTotal >= 300 - 16)
    many.handle.close()
    expect(many.handle.counters.refused).toEqual({ 'untrusted-peer': 300 })
    expect(many.refusals).toHaveLength(300)

    const server = createServer()
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    await rawClient(await listening(server), { localAddress: '127.0.0.2' })
    await until(() => handle.counters.refusedTotal === 1)
  })
})

describe('half-open connections are bounded', () => {
  test('in all', async () => {
    const { port, handle, refusals } = await accepting({
      maxPending: 50,
      maxPendingPerPeer: 50,
      timeout: 60_000,
    })
    const clients = await Promise.all(Array.from({ length: 1000 }, () => rawClient(port)))
    await until(() => handle.counters.refusedTotal === 950)
    expect(handle.counters).toMatchObject({ pending: 50, refused: { 'too-many-pending': 950 } })
    expect(refusals[0]?.message).toContain('maxPending 50')
    for (const client of clients) client.destroy()
    await until(() => handle.counters.pending === 0)
    expect(handle.counters.probes).toBe(50)
    const good = await rawClient(port)
    good.write(v1('192.0.2.1') + GET)
    expect(await ended(good)).toContain('hello')
  })

  test('for each peer, so that one does not take the room of the others', async () => {
    const { port, handle, refusals } = await accepting({
      from: ['loopback'],
      maxPending: 10,
      maxPendingPerPeer: 3,
    })
    await Promise.all(Array.from({ length: 5 }, () => rawClient(port)))
    const other = await rawClient(port, { localAddress: '127.0.0.9' })
    other.write(v1('192.0.2.1') + GET)
    expect(await ended(other)).toContain('hello')
    expect(handle.counters).toMatchObject({ pending: 3, refused: { 'too-many-pending': 2 } })
    expect(refusals[0]?.message).toContain('maxPendingPerPeer 3')
  })
})

describe('a listener for refusals cannot break anything', () => {
  test.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('onRefused %s: one warning, and the next connection works', async (_, onRefused) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warned.mockRestore())
    const { port } = await accepting({ onRefused })
    for (let times = 0; times < 3; times++) {
      const bad = await rawClient(port)
      bad.write('nonsense')
      await ended(bad)
    }
    const good = await rawClient(port)
    good.write(v1('192.0.2.1') + GET)
    expect(await ended(good)).toContain('hello')
    await until(() => warned.mock.calls.length === 1)
    expect(warned.mock.calls[0]?.[1]).toMatchObject({ code: 'TRUEHOP_ON_REFUSED' })
  })

  test('diagnostics channels report accepted and refused connections', async () => {
    const seen: unknown[] = []
    const keep = (message: unknown, name: string | symbol) => seen.push({ name, message })
    const names = ['truehop.proxy_protocol.accepted', 'truehop.proxy_protocol.refused']
    for (const name of names) subscribe(name, keep)
    onTestFinished(() => {
      for (const name of names) unsubscribe(name, keep)
    })
    const { port, server } = await accepting()
    const good = await rawClient(port)
    good.write(v1('192.0.2.1') + GET)
    await ended(good)
    const bad = await rawClient(port)
    bad.write('nonsense')
    await ended(bad)
    expect(seen).toMatchObject([
      {
        name: names[0],
        message: {
          server,
          headerInPayload: false,
          evidence: { peer: '127.0.0.1', headers: [{ source: { address: '192.0.2.1', port: 1 } }] },
        },
      },
      { name: names[1], message: { server, refusal: { reason: 'missing' } } },
    ])
  })
})

test('connections that are late together are ended a few in a turn of the event loop', async () => {
  let turn = 0
  const turns: number[] = []
  const { port, handle } = await accepting({
    timeout: 3000,
    onRefused: () => turns.push(turn),
  })
  const clients = await Promise.all(Array.from({ length: 40 }, () => rawClient(port)))
  await until(() => handle.counters.pending === 40)
  let counts = true
  const count = () => {
    turn++
    if (counts) setImmediate(count)
  }
  count()
  // Nobody has a turn until all of them are late.
  standStill(3200)
  await until(() => turns.length === 40)
  counts = false

  const inTurn = new Map<number, number>()
  for (const at of turns) inTurn.set(at, (inTurn.get(at) ?? 0) + 1)
  expect(Math.max(...inTurn.values())).toBeLessThanOrEqual(16)
  expect(handle.counters).toMatchObject({ pending: 0, refused: { timeout: 40 } })
  for (const client of clients) await ended(client)
})
