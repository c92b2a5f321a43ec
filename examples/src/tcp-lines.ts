/*
 * client ──> HAProxy ──TCP, PROXY v1 or v2──> this service: one answer for each line
 *
 *     frontend lines
 *       mode tcp
 *       bind :7000
 *       default_backend lines
 *     backend lines
 *       mode tcp
 *       server lines 127.0.0.1:3000 send-proxy-v2 check
 *
 * No HTTP and no framework: the receiver gives the connection's evidence, and `resolve` the client.
 */
import { createServer, type Socket } from 'node:net'
import { type ClientIdentity, definePolicy, resolve } from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence, refusalLog } from '@truehop/proxy-protocol'
import { pino } from 'pino'
import { listenAddress } from './listen-address.js'

/** Nobody may fill the memory with a line that never ends. */
const LONGEST_LINE = 1024

const logger = pino()
const policy = definePolicy({
  hops: [{ name: 'haproxy', from: ['loopback'], asserts: 'proxy-protocol' }],
})

function identify(socket: Socket): ClientIdentity {
  const { peer, peerPort, headers, received } = proxyEvidence(socket)
  return resolve(policy, { peer, peerPort, proxyHeaders: received ? headers : undefined })
}

const server = createServer((socket) => {
  socket.on('error', (error) => logger.debug(error, 'connection failed'))
  const client = identify(socket)
  if (client.status === 'undetermined') {
    socket.end(`who are you? ${client.reason}\r\n`)
    return
  }
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    const lines = `${text}${chunk}`.split(/\r?\n/)
    text = lines.pop() ?? ''
    for (const line of lines) socket.write(`${client.ip} ${client.reason} ${line}\r\n`, 'latin1')
    if (text.length > LONGEST_LINE) socket.end('that line is too long\r\n', () => socket.destroy())
  })
})

acceptProxyProtocol(server, { from: policy.proxySenders, onRefused: refusalLog(logger) })
server.listen(listenAddress)
