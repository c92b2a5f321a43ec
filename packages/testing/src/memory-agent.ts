import { Agent, Server } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import { Server as TlsServer } from 'node:tls'
import type { ConnectionEvidence } from '@truehop/proxy-protocol/evidence'
import { memoryConnection } from './memory-connection.js'
import { TestingError } from './testing-error.js'

/** An agent whose connections go to one server of this process, for HTTP/1. */
export function memoryAgent(server: unknown, evidence: ConnectionEvidence): Agent {
  if (server instanceof Server) return new MemoryAgent(server, evidence)
  // Of node:https, or of node:http2 with `allowHTTP1`.
  if (server instanceof TlsServer) return new MemoryHttpsAgent(server, evidence)
  throw new TestingError(
    'bad-server',
    'an agent in memory needs a server of node:http or node:https in this process: request(app) or request(server), not an address; connect to others with connect(server)',
  )
}

class MemoryAgent extends Agent {
  readonly #connect: () => Duplex

  constructor(server: Server, evidence: ConnectionEvidence) {
    super({ keepAlive: false })
    this.#connect = () => memoryConnection(server, evidence, 'http/1.1')
  }

  override createConnection(): Duplex {
    return this.#connect()
  }
}

class MemoryHttpsAgent extends HttpsAgent {
  readonly #connect: () => Duplex

  constructor(server: TlsServer, evidence: ConnectionEvidence) {
    super({ keepAlive: false })
    this.#connect = () => memoryConnection(server, evidence, 'http/1.1')
  }

  override createConnection(): Duplex {
    return this.#connect()
  }
}
