import { constants } from 'node:crypto'
import { createSecureServer } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { createServer as createTls, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import {
  bindServer,
  type ClientIdentity,
  definePolicy,
  identityOf,
  resolve,
} from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import { type Answering, answeringAt } from './answering.js'
import type { Cell } from './cells.js'
import { PSK } from './psk.js'

/** Loopback is the proxy, whose PROXY header names the client. */
const POLICY = definePolicy({ hops: [{ from: ['loopback'], asserts: 'proxy-protocol' }] })

export interface Service {
  readonly server: Server
  readonly answering: Answering
  /** Sessions that were asked for and found. */
  readonly resumed: () => number
}

/** A server of a cell that tells whoever asks who they are. Not listening yet. */
export function serviceOf(cell: Cell, pem: Buffer): Service {
  const answering = answeringAt(cell.place)
  const server = serverOf(cell, optionsOf(cell, pem, answering))
  const resumed = answerEvents(server, cell, answering)
  bindServer(server, POLICY)
  acceptProxyProtocol(server, { from: POLICY.proxySenders })
  server.on('tlsClientError', () => {})
  return { server, answering, resumed }
}

function serverOf({ server }: Cell, options: TlsOptions): Server {
  if (server === 'https')
    return createHttps(options, (request, response) => response.end(named(identityOf(request))))
  if (server === 'http2')
    return createSecureServer(options, (request, response) =>
      response.end(named(identityOf(request))),
    )
  return createTls(options, (socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(named(identityOfSocket(socket))))
  })
}

function identityOfSocket(socket: TLSSocket): ClientIdentity {
  const { peer, peerPort, headers, received } = proxyEvidence(socket)
  return resolve(POLICY, { peer, peerPort, proxyHeaders: received ? headers : undefined })
}

function named(identity: ClientIdentity): string {
  return identity.status === 'resolved' ? identity.ip : identity.reason
}

/** Sessions are kept by the server, not in tickets: otherwise nobody is asked for them. */
function optionsOf(cell: Cell, pem: Buffer, answering: Answering): TlsOptions {
  const { version, callback } = cell
  const protocol = cell.server === 'http2' ? 'h2' : 'http/1.1'
  return {
    key: pem,
    cert: pem,
    minVersion: version,
    maxVersion: version,
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...(callback === 'ALPNCallback'
      ? { ALPNCallback: () => protocol }
      : { ALPNProtocols: [protocol] }),
    ...(callback === 'pskCallback' ? { ...PSK.server } : {}),
    ...(callback === 'SNICallback' || callback === 'ALPNCallback'
      ? { SNICallback: (_, done) => answering.later(() => done(null)) }
      : {}),
  }
}

/**
 * ALPN and PSK are answered at once, as Node takes no later answer: something waits beside them.
 * It is SNI beside ALPN, and the session store beside PSK, where no certificate is chosen.
 */
function answerEvents(server: Server, { callback }: Cell, answering: Answering): () => number {
  const sessions = new Map<string, Buffer>()
  let resumed = 0
  if (['newSession', 'resumeSession', 'pskCallback'].includes(callback)) {
    server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
      sessions.set(id.toString('hex'), data)
      if (callback === 'resumeSession') done()
      else answering.later(done)
    })
  }
  if (callback === 'resumeSession') {
    server.on('resumeSession', (id: Buffer, done: (error: null, data: Buffer | null) => void) => {
      const data = sessions.get(id.toString('hex')) ?? null
      if (data !== null) resumed++
      answering.later(() => done(null, data))
    })
  }
  if (callback === 'OCSPRequest') {
    server.on('OCSPRequest', (_cert, _issuer, done: (error: null, response: null) => void) => {
      answering.later(() => done(null, null))
    })
  }
  return () => resumed
}
