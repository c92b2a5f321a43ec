import { Server } from 'node:net'
import { bindServer, type Policy } from '@truehop/identity/adapter'
import {
  type AcceptCounters,
  acceptProxyProtocol,
  type RefusalLogger,
  refusalLog,
} from '@truehop/proxy-protocol/receive'
import { TruehopExpressError } from './error.js'

/** The connections of one attached server. */
export interface ProxyProtocolCounts {
  readonly counters: AcceptCounters
}

/** The servers whose connections one policy is in force for. */
export class AttachedServers {
  readonly counts: ProxyProtocolCounts[] = []
  readonly #policy: Policy
  readonly #onRefused: ReturnType<typeof refusalLog>
  readonly #servers = new WeakSet<Server>()

  constructor(policy: Policy, logger: RefusalLogger) {
    this.#policy = policy
    this.#onRefused = refusalLog(logger)
  }

  attach<S extends Server>(server: S): S {
    if (!(server instanceof Server)) {
      throw new TruehopExpressError(
        'bad-server',
        'attach() needs the server, not the application: write identity.attach(app.listen(3000)) or identity.attach(https.createServer(options, app))',
      )
    }
    if (this.#servers.has(server)) return server
    this.#servers.add(server)
    bindServer(server, this.#policy)
    const settings = this.#policy.current.proxyProtocol
    if (settings === undefined) return server
    const from = this.#policy.proxySenders
    const onRefused = this.#onRefused
    this.counts.push(acceptProxyProtocol(server, { ...settings, from, onRefused }))
    return server
  }
}
