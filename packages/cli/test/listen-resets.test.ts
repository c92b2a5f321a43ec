import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { CASES } from '../../../test/field/delivery/frames.mjs'
import { start } from './running.js'

/** The rule: whatever a peer sends and however it leaves, nothing is thrown and the next one is answered. */

const HEADER = 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'

const OPENINGS: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  'half a header': 'PROXY TCP4 192.0',
  'a malformed header': 'PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n',
  'a request': 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n',
  'half a request': 'POST /a HTTP/1.1\r\nHost',
  'half a handshake': Buffer.from('160301010001000100', 'hex'),
  ...CASES,
}

const LEAVING: Readonly<Record<string, (socket: Socket) => unknown>> = {
  resets: (socket) => socket.resetAndDestroy(),
  'resets a moment later': async (socket) => {
    await delay(15)
    socket.resetAndDestroy()
  },
  'half-closes': (socket) => socket.end(),
  closes: (socket) => socket.destroySoon(),
}

test.each(Object.entries(LEAVING))('a peer of listen that %s', async (_, leave) => {
  const listener = await start('listen', '--timeout', '10000', '0')
  const openings = Object.values(OPENINGS).flatMap((bytes) => [
    Buffer.from(bytes),
    Buffer.concat([Buffer.from(HEADER), Buffer.from(bytes)]),
  ])
  for (const bytes of openings) {
    const socket = connect(listener.port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    socket.resume()
    // Within TLS as well, from the handshake on.
    const below = connect(listener.port, '127.0.0.1').on('error', () => {})
    const secure = connectTls({ socket: below, rejectUnauthorized: false })
    secure.on('error', () => {})
    await once(secure, 'secureConnect')
    secure.resume()
    secure.write(bytes)
    socket.write(bytes)
    await Promise.all([leave(socket), leave(below)])
    await delay(10)
    secure.destroy()
    socket.destroy()
  }
  const last = connect(listener.port, '127.0.0.1')
  last.write('GET /last HTTP/1.1\r\nHost: a\r\n\r\n')
  let text = ''
  for await (const chunk of last) text += String(chunk)
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})
