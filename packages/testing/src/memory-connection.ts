import { Server } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { Server as TlsServer } from 'node:tls'
import { type ConnectionEvidence, storeEvidence } from '@truehop/proxy-protocol/evidence'
import { TestingError } from './testing-error.js'

/** What clients and frameworks set on a socket, without effect here. */
const WITHOUT_EFFECT = {
  setKeepAlive: returnsItself,
  setNoDelay: returnsItself,
  setTimeout: returnsItself,
  ref: returnsItself,
  unref: returnsItself,
}

function returnsItself(this: unknown): unknown {
  return this
}

/**
 * Connects to a server of this process without a socket: one end of a pair of streams goes to the
 * client, the other, with its evidence, into the server by emitting `connection`, which Node
 * documents as the way to inject one. A TLS server gets it as a connection whose handshake is done:
 * nothing is encrypted, and no certificate is looked at.
 *
 * @param alpn The protocol that a handshake would have chosen.
 */
export function memoryConnection(
  server: unknown,
  evidence: ConnectionEvidence,
  alpn: 'http/1.1' | 'h2',
): Duplex {
  if (!(server instanceof Server)) {
    throw new TestingError(
      'bad-server',
      'a client in memory needs a server of this process, of node:http, https, http2 or net: request(app) or request(server), not an address',
    )
  }
  const [client, end] = duplexPair()
  for (const side of [client, end]) Object.assign(side, WITHOUT_EFFECT)
  if (server instanceof TlsServer) Object.assign(end, afterHandshake(server, alpn))
  storeEvidence(end, evidence)
  // Only when the client has its end: the server may answer at once.
  setImmediate(() => announce(server, end, evidence))
  return client
}

/** What handlers ask of a `tls.TLSSocket`, as it is where the client has no certificate. */
function afterHandshake(server: TlsServer, alpnProtocol: string): object {
  return {
    // A server of node:http2 that is asked for HTTP/1 reads its classes of requests from there.
    server,
    encrypted: true,
    authorized: false,
    alpnProtocol,
    servername: false,
    getPeerCertificate: () => ({}),
    getProtocol: () => 'TLSv1.3',
  }
}

/**
 * An HTTP/2 session is made while its connection is being announced, on a stream of Node's own that
 * wraps it: the evidence goes to that session, before anybody else hears of it.
 */
function announce(server: Server, end: Duplex, evidence: ConnectionEvidence): void {
  const onSession = (session: object): void => storeEvidence(session, evidence)
  server.prependListener('session', onSession)
  try {
    server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', end)
  } finally {
    server.removeListener('session', onSession)
  }
}
