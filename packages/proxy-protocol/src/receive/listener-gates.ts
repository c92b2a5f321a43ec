import type { EventEmitter } from 'node:events'

export type Listener = (this: unknown, ...args: unknown[]) => unknown

/** What a listener is called on, as `this`, when it gets this argument. */
type ThisFor = (listener: Listener, argument: unknown) => unknown

/** A listener standing in for another; `listener` is what `removeListener` and `listeners` go by. */
interface Gate extends Listener {
  listener: Listener
  gated: Listener
}

/**
 * Puts gates in front of the listeners of one event: each listener is replaced, in its place, by a
 * gate that calls it only if `isOpen` says so about the event's first argument.
 *
 * A gate names the original in `listener`, as the wrappers of `once` do, so that `removeListener`
 * and `listeners` go on working with the original; order, `once` and `captureRejections` stay the
 * emitter's own.
 */
export class ListenerGates {
  #emitter: EventEmitter
  #event: string
  #isOpen: (argument: unknown) => boolean
  #thisFor: ThisFor | undefined
  #replacing = false

  /** `thisFor`: what a listener is called on; the emitter if left out. */
  constructor(
    emitter: EventEmitter,
    event: string,
    isOpen: (argument: unknown) => boolean,
    thisFor?: ThisFor,
  ) {
    this.#emitter = emitter
    this.#event = event
    this.#isOpen = isOpen
    this.#thisFor = thisFor
  }

  /** True while listeners are removed and put back, which the emitter reports as changes. */
  get replacing(): boolean {
    return this.#replacing
  }

  /** Puts a gate in front of each listener that has none, except `spared`. */
  putUp(spared?: unknown): void {
    this.#replaceListeners((listener) =>
      isGate(listener) || listener === spared ? listener : this.#gate(listener),
    )
  }

  /** Puts the listeners back as they were. */
  remove(): void {
    this.#replaceListeners((listener) => (isGate(listener) ? listener.gated : listener))
  }

  #replaceListeners(replace: (listener: Listener) => Listener): void {
    const before = this.#emitter.rawListeners(this.#event) as Listener[]
    const after = before.map(replace)
    if (after.every((listener, at) => listener === before[at])) return
    this.#replacing = true
    this.#emitter.removeAllListeners(this.#event)
    for (const listener of after) this.#emitter.on(this.#event, listener)
    this.#replacing = false
  }

  #gate(listener: Listener): Gate {
    const isOpen = this.#isOpen
    const thisFor = this.#thisFor
    const wrapped = (listener as Partial<Gate>).listener
    const gate: Gate = Object.assign(
      function (this: unknown, ...args: unknown[]): unknown {
        if (!isOpen(args[0])) return undefined
        if (wrapped !== undefined) return callWrapper(gate, this, args)
        return listener.apply(thisFor === undefined ? this : thisFor(listener, args[0]), args)
      },
      { listener: wrapped ?? listener, gated: listener },
    )
    return gate
  }
}

/**
 * Calls a wrapper, such as that of `once`, which removes itself from the emitter first. It finds
 * the gate to remove under its own property.
 */
function callWrapper(gate: Gate, emitter: unknown, args: unknown[]): unknown {
  const { gated, listener } = gate
  gate.listener = gated
  try {
    return gated.apply(emitter, args)
  } finally {
    gate.listener = listener
  }
}

function isGate(listener: Listener): listener is Gate {
  return 'gated' in listener
}
