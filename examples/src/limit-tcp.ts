/*
 * client ──> HAProxy ──TCP, PROXY v1 or v2──> this service
 *
 * A limit without HTTP: on connections at the same time, and on new ones. `decide` takes an identity
 * and whatever stands for the request; here that is the socket.
 */
import { createServer, type Socket } from 'node:net'
import { type ClientIdentity, definePolicy, resolve } from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence, refusalLog } from '@truehop/proxy-protocol'
import { RateLimiter } from '@truehop/rate-limit'
import { pino } from 'pino'
import { listenAddress } from './listen-address.js'

const logger = pino()
const policy = definePolicy({
  hops: [{ name: 'haproxy', from: ['loopback'], asserts: 'proxy-protocol' }],
})
const limiter = new RateLimiter<Socket>({
  limits: [
    // Given back when the connection ends, and after a day at the latest.
    { name: 'open', limit: 2, window: 86_400, concurrent: true },
    { name: 'new', limit: 5, window: 60 },
  ],
})

function identify(socket: Socket): ClientIdentity {
  const { peer, peerPort, headers, received } = proxyEvidence(socket)
  return resolve(policy, { peer, peerPort, proxyHeaders: received ? headers : undefined })
}

async function serve(socket: Socket): Promise<void> {
  const identity = identify(socket)
  const decision = await limiter.decide(identity, socket)
  if (!decision.allowed) {
    const full = decision.standings.find(({ exceeded }) => exceeded)
    socket.end(
      `too many connections (${full?.quota.name}), try again in ${decision.retryAfter} s\r\n`,
    )
    return
  }
  const settle = () =>
    limiter.settle(decision, { request: socket, identity, statusCode: undefined })
  // It may have ended while a store was asked.
  if (socket.destroyed) settle()
  else socket.once('close', settle)
  socket.write(`welcome ${decision.client}\r\n`)
  socket.resume()
}

const server = createServer((socket) => {
  socket.on('error', (error) => logger.debug(error, 'connection failed'))
  serve(socket).catch((error: unknown) => {
    logger.error(error, 'connection refused')
    socket.destroy()
  })
})

acceptProxyProtocol(server, { from: policy.proxySenders, onRefused: refusalLog(logger) })
server.listen(listenAddress)
