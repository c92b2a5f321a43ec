import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { certificate } from '../peers/harness/certificate.js'

/** How a header comes: with what follows it, byte by byte, or in a segment of its own. */
export const DELIVERIES = ['whole', 'byte by byte', 'header apart'] as const
export type DeliveryName = (typeof DELIVERIES)[number]

/** Long enough for a segment of its own. */
const APART_MS = 20

/**
 * Sends a header to 127.0.0.1:`port`, then the payload, in TLS or not; returns what was answered. With
 * TLS, `whole` has the client's first flight right behind the header.
 */
export async function deliver(
  port: number,
  header: Buffer,
  delivery: DeliveryName,
  transport: 'tcp' | 'tls',
  payload: string,
): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  // In one segment with what is written next.
  if (delivery === 'whole') socket.cork()
  for (const piece of delivery === 'byte by byte' ? bytesOf(header) : [header]) {
    socket.write(piece)
    if (delivery === 'byte by byte') await delay(0)
  }
  if (delivery === 'header apart') await delay(APART_MS)
  const { cert } = certificate()
  const over =
    transport === 'tls' ? connectTls({ socket, ca: cert, servername: 'localhost' }) : socket
  over.on('error', () => {})
  over.write(payload)
  setImmediate(() => socket.uncork())
  let text = ''
  over.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  if (!socket.destroyed) await once(socket, 'close')
  return text
}

const bytesOf = (bytes: Buffer): readonly Buffer[] => [...bytes].map((byte) => Buffer.of(byte))
