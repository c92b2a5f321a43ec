import { Server } from 'node:net'
import { AcceptError } from './accept-error.js'
import type { AcceptOptions } from './accept-options.js'
import { Acceptor } from './acceptor.js'
import type { AcceptCounters } from './counters.js'
import { acceptSettings } from './read-accept-options.js'

/** What `acceptProxyProtocol` returns. */
export interface ProxyProtocolHandle {
  /** The counts at this moment. */
  readonly counters: AcceptCounters
  /**
   * Stops expecting headers: ends the connections still waiting for theirs, and gives the server
   * its `connection` listeners back. Connections already passed to the server are left alone.
   */
  close(): void
}

/** One acceptor on a server at a time, also across two copies of this package. */
const ACCEPTOR: unique symbol = Symbol.for('truehop.acceptor/1')

/**
 * Makes a `net`, `tls`, `http`, `https` or `http2` server, listening or not yet, expect PROXY
 * protocol headers from the peers in `options.from`. The header comes before anything else, TLS
 * included (section 2).
 *
 * The server sees a connection when its header is complete, as if it had just been accepted: its
 * own timeouts start then, and `proxyEvidence` of the socket or of its requests gives the headers.
 * Connections without a valid header are ended and counted; see `RefusalReason`. No byte is written
 * to a peer before its header is complete.
 *
 * @throws {AcceptError} for bad options, for something that is not a server, or for a server that
 * has an acceptor already. Nothing throws after that.
 */
export function acceptProxyProtocol(server: Server, options: AcceptOptions): ProxyProtocolHandle {
  checkServer(server)
  const settings = acceptSettings(options)
  const acceptor = new Acceptor(server, settings)
  Object.defineProperty(server, ACCEPTOR, { value: acceptor, configurable: true })
  return {
    get counters() {
      return acceptor.counters
    },
    close() {
      if (Reflect.get(server, ACCEPTOR) !== acceptor) return
      Reflect.deleteProperty(server, ACCEPTOR)
      acceptor.close()
    },
  }
}

function checkServer(server: unknown): asserts server is Server {
  if (!(server instanceof Server)) {
    throw new AcceptError(
      'bad-server',
      'the first argument must be a server of node:net, tls, http, https or http2: for Express what app.listen() returns, for Fastify app.server',
    )
  }
  if (ACCEPTOR in server) {
    throw new AcceptError(
      'already-accepting',
      'this server already accepts PROXY headers: call close() on the first handle, or pass both sets of peers in one call',
    )
  }
}
