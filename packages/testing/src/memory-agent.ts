import { Agent, Server } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
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
 * Connects to a server of this process without a socket: one end of a pair of streams goes to
 * Node's client, the other, with its evidence, into the server by emitting `connection`, which Node
 * documents as the way to inject one.
 */
export class MemoryAgent extends Agent {
  readonly #server: Server
  readonly #evidence: ConnectionEvidence

  constructor(server: unknown, evidence: ConnectionEvidence) {
    super({ keepAlive: false })
    if (!(server instanceof Server)) {
      throw new TestingError(
        'bad-server',
        'a client in memory needs a server of node:http in this process: request(app) or request(server), not an address; test https and http2 servers over a real connection',
      )
    }
    this.#server = server
    this.#evidence = evidence
  }

  override createConnection(): Duplex {
    const [client, server] = duplexPair()
    for (const end of [client, server]) Object.assign(end, WITHOUT_EFFECT)
    storeEvidence(server, this.#evidence)
    // Only when the client has its end: the server may answer at once.
    setImmediate(() => this.#server.emit('connection', server))
    return client
  }
}
