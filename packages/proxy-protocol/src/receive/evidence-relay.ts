import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { type TLSSocket, Server as TlsServer } from 'node:tls'
import {
  type ConnectionEvidence,
  proxyEvidence,
  storedEvidence,
  storeEvidence,
} from './evidence.js'

/**
 * Carries what is known about an accepted socket over to the objects that handlers hold instead.
 *
 *     net.Socket ──> TLSSocket ──> Http2Session ──> Http2Stream
 *          └ async context └ secureConnection └ session      └ stream
 *
 * A TLSSocket does not tell which socket it was made over, but it is made, and later reports
 * `secureConnection`, in the asynchronous context of the server's `connection` listener.
 */
export class EvidenceRelay {
  #server: Server
  #context: AsyncLocalStorage<ConnectionEvidence> | undefined

  constructor(server: Server) {
    this.#server = server
    if (server instanceof TlsServer) {
      this.#context = new AsyncLocalStorage()
      server.prependListener('secureConnection', this.#onSecureConnection)
    }
    server.prependListener('session', this.#onSession)
  }

  /** Runs `handOver(socket)` so that whatever is made over the socket gets the evidence too. */
  run(evidence: ConnectionEvidence, handOver: (socket: Socket) => void, socket: Socket): void {
    storeEvidence(socket, evidence)
    if (this.#context === undefined) handOver(socket)
    else this.#context.run(evidence, handOver, socket)
  }

  remove(): void {
    this.#server.removeListener('secureConnection', this.#onSecureConnection)
    this.#server.removeListener('session', this.#onSession)
  }

  #onSecureConnection = (socket: TLSSocket): void => {
    const evidence = this.#context?.getStore()
    if (evidence !== undefined) storeEvidence(socket, evidence)
  }

  #onSession = (session: ServerHttp2Session): void => {
    storeEvidence(session, proxyEvidence(session))
    // A stream lets go of its session when it ends, and a handler may ask after that.
    session.prependListener('stream', tagStream)
  }
}

function tagStream(this: ServerHttp2Session, stream: ServerHttp2Stream): void {
  const evidence = storedEvidence(this)
  if (evidence !== undefined) storeEvidence(stream, evidence)
}
