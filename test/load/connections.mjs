// What the load consists of: connections whose header comes in pieces, and silent ones.

import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { encode } from '../../packages/proxy-protocol/dist/index.js'

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n')

/**
 * One connection with a header of its own, cut at random, and one request. Throws unless the answer
 * names the client of that header.
 */
export async function answered(port, random) {
  const source = { address: `198.51.${random(256)}.${random(256)}`, port: 1 + random(65_535) }
  const bytes = Buffer.concat([header(source, random), REQUEST])
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const response = textOf(socket)
  for (const piece of cut(bytes, random)) {
    await new Promise((resolve) => socket.write(piece, resolve))
    if (random(2) === 0) await delay(random(4))
  }
  const text = await response
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  if (!text.startsWith('HTTP/1.1 200 ') || !body.includes(`${source.address} ${source.port}`)) {
    throw new Error(`for ${source.address} ${source.port}: ${JSON.stringify(text)}`)
  }
}

/** One connection that never says a word. Resolves with the ms after which the server ended it. */
export async function endedAfter(port) {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  const start = performance.now()
  await once(socket, 'close')
  return performance.now() - start
}

/**
 * One connection that holds back the last byte of a header of `length` bytes. Resolves when all the
 * others are sent, with a promise of its end.
 */
export async function unfinished(port, length) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  const source = { address: '198.51.100.7', port: 1 }
  const tlvs = [{ type: 0xe0, value: Buffer.alloc(length - 31) }]
  const bytes = encode({ ...between(source), version: 2, tlvs })
  for (let at = 0; at < length - 1; at += 500) {
    const piece = bytes.subarray(at, Math.min(at + 500, length - 1))
    await new Promise((resolve) => socket.write(piece, resolve))
  }
  return { closed }
}

/** @returns {Pick<import('@truehop/proxy-protocol').ProxyHeader, 'command' | 'family' | 'transport' | 'source' | 'destination'>} */
function between(source) {
  const destination = { address: '203.0.113.1', port: 443 }
  return { command: 'PROXY', family: 'INET', transport: 'STREAM', source, destination }
}

function header(source, random) {
  if (random(2) === 0) return encode({ ...between(source), version: 1 })
  const tlvs = random(2) === 0 ? [] : [{ type: 0x05, value: Buffer.alloc(1 + random(128), 7) }]
  return encode({ ...between(source), version: 2, tlvs }, { crc32c: random(2) === 0 })
}

/** The bytes in one to six pieces. */
function cut(bytes, random) {
  const cuts = Array.from({ length: random(6) }, () => random(bytes.length + 1))
  const ends = [0, ...cuts.sort((one, other) => one - other), bytes.length]
  return ends.flatMap((end, at) => {
    const piece = bytes.subarray(ends[at - 1] ?? 0, end)
    return piece.length === 0 ? [] : [piece]
  })
}

function textOf(socket) {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}
