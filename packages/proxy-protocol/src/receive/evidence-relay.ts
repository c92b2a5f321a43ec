import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { proxyEvidence, storedEvidence, storeEvidence } from './evidence.js'
import { makesTlsSockets, serverStandIn } from './server-stand-in.js'

/**
 * Carries what is known about an accepted socket over to the objects that handlers hold instead.
 *
 *     net.Socket ──> TLSSocket ──> Http2Session ──> Http2Stream
 *          └ serverStandIn  └ session      └ stream
 *
 * From object to object, each made on top of the one before: never by what happens to be current.
 */
export class EvidenceRelay {
  #server: Server

  constructor(server: Server) {
    this.#server = server
    server.prependListener('session', this.#onSession)
  }

  /** The server as its `connection` listener should see it when it gets the socket. */
  serverFor(listener: unknown, socket: Socket): Server {
    const server = this.#server
    const evidence = storedEvidence(socket)
    if (!(server instanceof TlsServer) || evidence === undefined) return server
    return makesTlsSockets(listener) ? serverStandIn(server, evidence) : server
  }

  remove(): void {
    this.#server.removeListener('session', this.#onSession)
  }

  #onSession = (session: ServerHttp2Session): void => {
    storeEvidence(session, proxyEvidence(session))
    // A stream drops its session when it ends, and a handler may ask after that.
    session.prependListener('stream', tagStream)
  }
}

function tagStream(this: ServerHttp2Session, stream: ServerHttp2Stream): void {
  const evidence = storedEvidence(this)
  if (evidence !== undefined) storeEvidence(stream, evidence)
}
