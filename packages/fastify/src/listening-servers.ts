import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type Server } from 'node:net'
import { bindServer, type Policy } from '@truehop/identity/adapter'
import type { AcceptCounters } from '@truehop/proxy-protocol/receive'
import type { FastifyInstance } from 'fastify'
import { TruehopFastifyError } from './error.js'
import { routeUnknownMethods } from './unknown-methods.js'

/** The connections of one listening server. */
export interface ProxyProtocolCounts {
  readonly counters: AcceptCounters
}

/** Makes a server expect PROXY headers. */
type Receiver = (server: Server) => ProxyProtocolCounts

/** What Node publishes, synchronously, when `listen` is called on a server, before it listens. */
const LISTEN = 'tracing:net.server.listen:asyncStart'

/**
 * The servers that one Fastify instance listens with.
 *
 *     fastify.server     127.0.0.1:3000   known at registration
 *     one made later         [::1]:3000   opened by `listen({ host: 'localhost' })`
 *
 * Fastify keeps the later ones to itself. They are noticed when `listen` is called on them, which
 * Node publishes, and recognized by the instance's own `request` listener. Each gets the policy
 * and, if the policy has a `proxy-protocol` hop, expects PROXY headers before its first connection.
 */
export class ListeningServers {
  /** One for each server that expects PROXY headers. */
  readonly counts: ProxyProtocolCounts[] = []
  readonly #fastify: FastifyInstance
  readonly #policy: Policy
  readonly #receiver: Receiver | undefined
  readonly #servers = new Set<Server>()

  /**
   * Loads the receiver if the policy needs it, which does not change while the policy is in force.
   */
  static async of(fastify: FastifyInstance, policy: Policy): Promise<ListeningServers> {
    if (policy.current.proxyProtocol === undefined) return new ListeningServers(fastify, policy)
    checkAnnounced()
    const { acceptProxyProtocol, refusalLog } = await import('@truehop/proxy-protocol/receive')
    const onRefused = refusalLog(fastify.log)
    const from = policy.proxySenders
    return new ListeningServers(fastify, policy, (server) =>
      acceptProxyProtocol(server, { ...policy.current.proxyProtocol, from, onRefused }),
    )
  }

  private constructor(fastify: FastifyInstance, policy: Policy, receiver?: Receiver) {
    this.#fastify = fastify
    this.#policy = policy
    this.#receiver = receiver
    this.#cover(fastify.server)
    // Further servers open only after the first one is listening, and close with it.
    fastify.server.on('listening', () => subscribe(LISTEN, this.#onListen))
    fastify.server.on('close', () => unsubscribe(LISTEN, this.#onListen))
  }

  /**
   * The number of addresses that the instance listens on with a server that is not covered.
   * Anything but 0 is a way around the PROXY headers.
   */
  get uncovered(): number {
    if (this.#receiver === undefined) return 0
    const covered = [...this.#servers].filter((server) => server.listening)
    return this.#fastify.addresses().length - covered.length
  }

  #onListen = (message: unknown): void => {
    const { server } = message as { readonly server: Server }
    if (server.listeners('request').includes(this.#fastify.routing)) this.#cover(server)
  }

  #cover(server: Server): void {
    if (this.#servers.has(server)) return
    this.#servers.add(server)
    bindServer(server, this.#policy)
    routeUnknownMethods(this.#fastify, server)
    if (this.#receiver !== undefined) this.counts.push(this.#receiver(server))
  }
}

/** Makes a server listen on nothing, which fails, but only after it has been published. */
function checkAnnounced(): void {
  let announced = false
  const note = (): void => {
    announced = true
  }
  subscribe(LISTEN, note)
  try {
    createServer().listen({})
  } catch {
    // The point of it.
  } finally {
    unsubscribe(LISTEN, note)
  }
  if (announced) return
  throw new TruehopFastifyError(
    'listen-unobservable',
    `this runtime does not publish ${LISTEN}, so a server that Fastify opens for a second address could not be made to expect PROXY headers: use Node.js 20.19 or later`,
  )
}
