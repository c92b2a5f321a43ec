import { TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls'
import { type ConnectionEvidence, storedEvidence, storeEvidence } from './evidence.js'
import { markHandedOn } from './handed-on.js'

/**
 * Stands in for a TLS server for one connection, so that the TLSSocket gets the evidence of the
 * socket that it is made on top of.
 *
 *     net.Socket ──> Node's listener, called on a stand-in for the server ──> TLSSocket
 *          └ evidence ──────────────────────┘    └ emits 'secureConnection' ─────┘
 *
 * A TLSSocket does not show what it was made on top of, but Node makes it with the server on which
 * its `connection` listener is called, and emits it there. So the listener is called on a stand-in,
 * which is the server in everything but this: it marks the TLSSocket in an event with the evidence
 * of its one connection before the server emits it. What a handshake waits for (session stores,
 * SNI, OCSP), and which code calls it back in which context, changes nothing.
 *
 * Why not some other way: the current asynchronous context is that of the last callback, which may
 * work for another connection. The addresses and ports of both ends identify nothing on a Unix
 * socket or after a reset. Our own stream around the socket would be no easier to identify, and
 * takes a fifth more CPU time per handshake (Node 20 and 24), where the stand-in takes none that
 * shows.
 */
export function serverStandIn(server: TlsServer, evidence: ConnectionEvidence): TlsServer {
  const emit = (event: string | symbol, ...args: unknown[]): boolean => {
    for (const arg of args) if (arg instanceof TLSSocket) mark(arg, evidence)
    return server.emit(event, ...args)
  }
  // Writes go to the server itself: `http2` stores there what its requests over HTTP/1 are made of.
  return new Proxy(server, {
    get: (target, key) => (key === 'emit' ? emit : Reflect.get(target, key)),
    set: (target, key, value) => Reflect.set(target, key, value),
  })
}

function mark(socket: TLSSocket, evidence: ConnectionEvidence): void {
  if (storedEvidence(socket) === evidence) return
  storeEvidence(socket, evidence)
  markHandedOn(socket)
}

let ownListener: unknown

/**
 * Whether this is Node's own `connection` listener of TLS servers: one function for `tls`, `https`
 * and `http2`. Any other listener gets the server itself.
 */
export function makesTlsSockets(listener: unknown): boolean {
  ownListener ??= new TlsServer({} satisfies TlsOptions).listeners('connection')[0]
  return listener === ownListener
}
