/*
 * client ──> reverse proxy ──WebSocket, X-Forwarded-For──> this application
 *
 * A limit on the handshakes, as for any request, and one on the messages of all connections of a
 * client. A message is no HTTP request: the identity is that of the upgrade.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { bindServer, definePolicy, identityOf } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import { type WebSocket, WebSocketServer } from 'ws'
import { listenAddress } from './listen-address.js'

/** "Try again later" of the registry of WebSocket close codes. */
const TRY_AGAIN_LATER = 1013

const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })
const handshakes = new RateLimiter<IncomingMessage>({ name: 'handshakes', limit: 10, window: 60 })
const messages = new RateLimiter<string>({
  name: 'messages',
  algorithm: 'token-bucket',
  limit: 60,
  burst: 5,
  window: 60,
  // A long message costs more.
  cost: (text) => 1 + Math.floor(text.length / 1024),
  ban: { after: 10, for: 60 },
})

async function onMessage(socket: WebSocket, request: IncomingMessage, text: string): Promise<void> {
  const decision = await messages.decide(identityOf(request), text)
  if (decision.allowed) socket.send(`you said: ${text}`)
  else if (decision.reason === 'blocked') socket.close(TRY_AGAIN_LATER, 'too many messages')
  else socket.send(`slow down: try again in ${decision.retryAfter} s`)
}

const sockets = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 })
sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
  socket.on('error', () => {})
  socket.on('message', (data) => {
    onMessage(socket, request, String(data)).catch(() => socket.terminate())
  })
})

const server = createServer((_request, response) => response.writeHead(426).end())
bindServer(server, policy)
server.on('upgrade', async (request, socket, head) => {
  socket.on('error', () => {})
  const { allowed, retryAfter } = await handshakes.decide(identityOf(request), request)
  if (allowed) {
    sockets.handleUpgrade(request, socket, head, (open) =>
      sockets.emit('connection', open, request),
    )
  } else {
    socket.end(`HTTP/1.1 429 Too Many Requests\r\nretry-after: ${retryAfter}\r\n\r\n`)
  }
})
server.listen(listenAddress)
