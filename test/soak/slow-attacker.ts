import { connect, type Socket } from 'node:net'
import { proxyHeader } from '../bytes/proxy-header.js'
import { FROM } from './scenes.js'

/*
 * Keeps a number of connections open, each of which sends one byte of a PROXY header a second. The
 * header says that 4,000 bytes follow, so none of them ever has a whole one. Whoever is refused
 * comes back at once.
 */
const [, , port = '0', count = '0'] = process.argv
const HEADER = proxyHeader('2111', '00'.repeat(4000))
const sent = new Map<Socket, number>()
/** Connections that are opened at a time: a second, for all of them. */
const TICKS = 100

function open(): void {
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: FROM.loadBalancer })
  sent.set(socket, 0)
  socket.on('error', () => {})
  socket.on('close', () => sent.delete(socket))
}

let tick = 0
setInterval(() => {
  tick++
  const missing = Number(count) - sent.size
  for (let i = Math.min(missing, Math.ceil(Number(count) / TICKS) * 2); i > 0; i--) open()
  let index = 0
  for (const [socket, at] of sent) {
    if (index++ % TICKS !== tick % TICKS || !socket.writable) continue
    socket.write(HEADER.subarray(at, at + 1))
    sent.set(socket, at + 1)
  }
}, 1000 / TICKS)
process.on('disconnect', () => process.exit())
