import type { Server, Socket } from 'node:net'
import { type Listener, ListenerGates } from './listener-gates.js'

/**
 * Stands between a server and its own `connection` listeners: an accepted socket goes to `accept`
 * alone, and the listeners see it when it is let through.
 *
 *     accept ──> 'connection' ──> accept(socket)          every gate is shut
 *                     letThrough ──> 'connection' ──> gate ──> the server's listener
 *
 * A gate is open only for the socket being let through. Letting it through means emitting
 * `connection`, which Node documents as the way to inject a connection into a server.
 */
export class ConnectionGate {
  #server: Server
  #accept: (socket: Socket) => void
  #passing: unknown
  #gates: ListenerGates

  /** `serverFor`: what a listener is called on, as `this`, when it gets the socket. */
  constructor(
    server: Server,
    accept: (socket: Socket) => void,
    serverFor: (listener: Listener, socket: Socket) => unknown,
  ) {
    this.#server = server
    this.#accept = accept
    this.#gates = new ListenerGates(
      server,
      'connection',
      (socket) => socket === this.#passing,
      (listener, socket) => serverFor(listener, socket as Socket),
    )
    this.#gates.putUp()
    server.prependListener('connection', this.#onConnection)
    server.on('newListener', this.#onNewListener)
  }

  /** Passes the socket to the server's own listeners, in their order, as if just accepted. */
  letThrough(socket: Socket): void {
    const outer = this.#passing
    this.#passing = socket
    try {
      this.#server.emit('connection', socket)
    } finally {
      this.#passing = outer
    }
  }

  /** Puts the server's listeners back as they were. */
  remove(): void {
    this.#server.removeListener('newListener', this.#onNewListener)
    this.#server.removeListener('connection', this.#onConnection)
    this.#gates.remove()
  }

  #onConnection = (socket: Socket): void => {
    if (socket !== this.#passing) this.#accept(socket)
  }

  /**
   * The event comes before the listener is added, so the gate is put up on the next tick: no
   * connection is accepted before that.
   */
  #onNewListener = (event: string | symbol): void => {
    if (event === 'connection' && !this.#gates.replacing) process.nextTick(this.#gateNewListeners)
  }

  #gateNewListeners = (): void => {
    if (!this.#server.listeners('newListener').includes(this.#onNewListener)) return
    this.#gates.putUp(this.#onConnection)
  }
}
