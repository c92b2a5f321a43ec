import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { start } from './running.js'

/** The rule of all of these: whatever either side does, nothing is thrown and the next client is served. */

const GET = 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const POST = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf of it'
const UPGRADE =
  'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf of it'
const SWITCHING = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst'

/** What the target does with a connection, once it has the first bytes or at once. */
const TARGETS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  'resets at once': (socket) => socket.resetAndDestroy(),
  'ends at once': (socket) => socket.end(),
  'resets when asked': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  'ends when asked': (socket) => socket.once('data', () => socket.end()),
  'answers before it is asked, and resets': (socket) =>
    socket.write(OK, () => socket.resetAndDestroy()),
  'resets within its answer': (socket) => saying(socket, HALF, () => socket.resetAndDestroy()),
  'ends within its answer': (socket) => saying(socket, HALF, () => socket.end()),
  'resets after its answer': (socket) => saying(socket, OK, () => socket.resetAndDestroy()),
  'resets after another protocol was agreed on': (socket) =>
    saying(socket, SWITCHING, () => socket.resetAndDestroy()),
  'agrees on another protocol and says no more': (socket) => saying(socket, SWITCHING),
  'says nothing': () => {},
  'answers slowly': (socket) => saying(socket, HALF, () => setTimeout(() => socket.end(), 150)),
  'answers no HTTP': (socket) => saying(socket, 'no HTTP at all\r\n\r\n'),
  'answers with a status that is none': (socket) =>
    saying(socket, 'HTTP/1.1 042 What\r\nContent-Length: 0\r\n\r\n'),
  'answers twice': (socket) => saying(socket, OK + OK),
  'tells of more to come': (socket) =>
    saying(socket, `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`),
}

function saying(socket: Socket, text: string, then: () => unknown = () => undefined): void {
  socket.once('data', () => socket.write(text, () => setTimeout(then, 10)))
}

/** What the client does. */
const CLIENTS: Readonly<Record<string, (socket: Socket) => Promise<unknown>>> = {
  'stays to the end': async (socket) => Promise.race([once(socket, 'close'), delay(250)]),
  'resets at once': async (socket) => socket.resetAndDestroy(),
  'resets while it is answered': async (socket) => {
    await Promise.race([once(socket, 'data'), delay(60)])
    socket.resetAndDestroy()
  },
  'ends and leaves': async (socket) => {
    socket.end()
    await delay(30)
    socket.destroy()
  },
}

const REQUESTS = { GET, POST, UPGRADE, 'no HTTP': '\x16\x03\x01\x00\x02\x01\x00' }
const MODES: readonly (readonly string[])[] = [
  ['--send', 'v2'],
  ['--send', 'none', '--append-xff'],
  ['--send', 'v1', '--append-xff'],
]

/** Serves its first connections as `behave` says, and then properly. */
async function misbehaving(
  behave: (socket: Socket) => unknown,
): Promise<{ port: number; mend(): void }> {
  let isMended = false
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('error', () => {})
    if (isMended) socket.once('data', () => socket.end(OK))
    else behave(socket)
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    mend() {
      isMended = true
    },
  }
}

describe.each(MODES.map((args) => [args.join(' '), args] as const))('relay %s', (_, args) => {
  test.each(Object.entries(TARGETS))('to a target that %s', async (_name, behave) => {
    const target = await misbehaving(behave)
    const relay = await start('relay', '--listen', '0', '--to', `127.0.0.1:${target.port}`, ...args)
    const clients = Object.values(CLIENTS).flatMap((act) =>
      Object.values(REQUESTS).map(async (request) => {
        const socket = connect(relay.port, '127.0.0.1').on('error', () => {})
        await once(socket, 'connect')
        socket.resume()
        socket.write(request)
        await act(socket)
        socket.destroy()
      }),
    )
    await Promise.all(clients)
    target.mend()
    const last = connect(relay.port, '127.0.0.1').on('error', () => {})
    last.write(GET)
    let text = ''
    for await (const chunk of last) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*hello$/)
  })
})

describe('an answer that breaks off', () => {
  test('is not ended as if it were whole, with words of the relay behind it', async () => {
    // Not before the half of it is here: a reset takes away what the relay has not read yet.
    let reset = (): unknown => undefined
    const target = await misbehaving((socket) => {
      reset = () => socket.resetAndDestroy()
      saying(socket, HALF)
    })
    const place = `127.0.0.1:${target.port}`
    const relay = await start(
      'relay',
      '--listen',
      '0',
      '--to',
      place,
      '--send',
      'none',
      '--append-xff',
    )
    const client = connect(relay.port, '127.0.0.1').on('error', () => {})
    client.write(GET)
    let text = ''
    client.on('data', (chunk) => {
      text += String(chunk)
      if (text.endsWith('half of it')) reset()
    })
    await once(client, 'close')
    expect(text).toMatch(/half of it$/)
  })
})
