/*
 * mail server ──> HAProxy ──TCP, PROXY v1 or v2──> this mail server
 *
 *     frontend smtp
 *       mode tcp
 *       bind :25
 *       default_backend smtp
 *     backend smtp
 *       mode tcp
 *       server smtp 127.0.0.1:3000 send-proxy-v2 check
 *
 * In SMTP the server speaks first. Its greeting waits for the PROXY header, because the receiver
 * gives it the connection only then. Never set `optional` for such a protocol: a client that waits
 * for the greeting looks the same as a proxy whose header is still on its way.
 */
import type { Socket } from 'node:net'
import { type ClientIdentity, definePolicy, resolve } from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence, refusalLog } from '@truehop/proxy-protocol'
import { pino } from 'pino'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import { listenAddress } from './listen-address.js'

const logger = pino()
const policy = definePolicy({
  hops: [{ name: 'haproxy', from: ['loopback'], asserts: 'proxy-protocol' }],
})

/**
 * The library gives its handlers the ends of a connection and not its socket, so clients are looked
 * up by them. The ends are the proxy's, and no other connection has the same while this one lasts.
 */
const clients = new Map<string, ClientIdentity>()

function remember(socket: Socket): void {
  const { peer, peerPort, headers, received } = proxyEvidence(socket)
  const key = `${peer} ${peerPort}`
  clients.set(
    key,
    resolve(policy, { peer, peerPort, proxyHeaders: received ? headers : undefined }),
  )
  socket.once('close', () => clients.delete(key))
}

function clientOf({ remoteAddress, remotePort }: SMTPServerSession): ClientIdentity | undefined {
  return clients.get(`${remoteAddress} ${remotePort}`)
}

const smtp = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  // It would look up the proxy's name.
  disableReverseLookup: true,

  onConnect(session, done) {
    const client = clientOf(session)
    if (client?.status === 'resolved') done()
    else done(new Error(`no client: ${client?.reason}`))
  },

  onData(stream, session, done) {
    const client = clientOf(session)
    stream.on('end', () => {
      const ip = client?.status === 'resolved' ? client.ip : 'unknown'
      logger.info({ 'client.address': ip, from: session.envelope.mailFrom }, 'message')
      done(null, `queued for ${ip}`)
    })
    stream.resume()
  },
})

smtp.on('error', (error) => logger.debug(error, 'connection failed'))
smtp.server.prependListener('connection', remember)
acceptProxyProtocol(smtp.server, { from: policy.proxySenders, onRefused: refusalLog(logger) })
smtp.listen(listenAddress.port, listenAddress.host)
