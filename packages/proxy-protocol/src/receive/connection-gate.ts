import type { EventEmitter } from 'node:events'
import type { Server, Socket } from 'node:net'

type Listener = (this: unknown, ...args: unknown[]) => unknown

/** A listener standing in for another; `listener` is what `removeListener` and `listeners` go by. */
interface Gate extends Listener {
  listener: Listener
  gated: Listener
}

/**
 * Stands between a server and its own `connection` listeners: an accepted socket goes to `accept`
 * alone, and the listeners see it when it is let through.
 *
 *     accept ──> 'connection' ──> accept(socket)          every gate is shut
 *                     letThrough ──> 'connection' ──> gate ──> the server's listener
 *
 * Each listener is replaced, at its place, by a gate that is open only for the socket being let
 * through. The gate names the original in `listener`, as the wrappers of `once` do, so that
 * `removeListener` and `listeners` go on working with the original. Letting through is an emitted
 * `connection`, which Node documents as the way to inject a connection into a server; order,
 * `once` and `captureRejections` are therefore the emitter's own.
 */
export class ConnectionGate {
  #server: Server
  #accept: (socket: Socket) => void
  #serverFor: (listener: Listener, socket: Socket) => unknown
  #passing: unknown
  #moving = false

  /** `serverFor`: what a listener is called on, as `this`, when it is given the socket. */
  constructor(
    server: Server,
    accept: (socket: Socket) => void,
    serverFor: (listener: Listener, socket: Socket) => unknown,
  ) {
    this.#server = server
    this.#accept = accept
    this.#serverFor = serverFor
    this.#replaceListeners((listener) => this.#gate(listener))
    server.prependListener('connection', this.#onConnection)
    server.on('newListener', this.#onNewListener)
  }

  /** Gives the socket to the server's own listeners, in their order, as if accepted just now. */
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
    this.#replaceListeners((listener) => (isGate(listener) ? listener.gated : listener))
  }

  #onConnection = (socket: Socket): void => {
    if (socket !== this.#passing) this.#accept(socket)
  }

  /**
   * The event comes before the listener is added, so the gate is put up on the next tick: no
   * connection is accepted before that.
   */
  #onNewListener = (event: string | symbol): void => {
    if (event === 'connection' && !this.#moving) process.nextTick(this.#gateNewListeners)
  }

  #gateNewListeners = (): void => {
    if (!this.#server.listeners('newListener').includes(this.#onNewListener)) return
    this.#replaceListeners((listener) => (this.#isOwn(listener) ? listener : this.#gate(listener)))
  }

  #isOwn(listener: Listener): boolean {
    return isGate(listener) || listener === (this.#onConnection as unknown)
  }

  #replaceListeners(replace: (listener: Listener) => Listener): void {
    const emitter: EventEmitter = this.#server
    const before = emitter.rawListeners('connection') as Listener[]
    const after = before.map(replace)
    if (after.every((listener, at) => listener === before[at])) return
    this.#moving = true
    emitter.removeAllListeners('connection')
    for (const listener of after) emitter.on('connection', listener)
    this.#moving = false
  }

  #gate(listener: Listener): Gate {
    const serverFor = this.#serverFor
    const isPassing = (socket: unknown): socket is Socket => socket === this.#passing
    const wrapped = (listener as Partial<Gate>).listener
    const gate: Gate = Object.assign(
      function (this: unknown, socket: unknown): unknown {
        if (!isPassing(socket)) return undefined
        if (wrapped !== undefined) return callWrapper(gate, this, socket)
        return listener.call(serverFor(listener, socket), socket)
      },
      { listener: wrapped ?? listener, gated: listener },
    )
    return gate
  }
}

/**
 * Calls a wrapper, such as that of `once`, which removes itself from the server first. It finds the
 * gate to remove under its own name.
 */
function callWrapper(gate: Gate, server: unknown, socket: unknown): unknown {
  const { gated, listener } = gate
  gate.listener = gated
  try {
    return gated.call(server, socket)
  } finally {
    gate.listener = listener
  }
}

function isGate(listener: Listener): listener is Gate {
  return 'gated' in listener
}
