import type { Instrument, Metrics, Reading, Timing } from '@truehop/ip/internal'
import { STORE_CHANNEL, type StoreMessage } from '../respond/channels.js'

const UNAVAILABLE: Instrument = {
  name: 'truehop.rate_limit.store.unavailable',
  kind: 'gauge',
  unit: '1',
  description: '1 while a node of the store is not asked, because it failed; else 0',
}
const PENDING: Instrument = {
  name: 'truehop.rate_limit.store.pending',
  kind: 'up-down-counter',
  unit: '{question}',
  description: 'Questions to a node of the store that have no answer yet',
}
const KEYS: Instrument = {
  name: 'truehop.rate_limit.keys',
  kind: 'up-down-counter',
  unit: '{key}',
  description: 'Keys that this process holds',
}

/** Seconds. Around the deadline, 100 ms by default, finer. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

const DURATION: Timing = {
  name: 'truehop.rate_limit.store.duration',
  description: 'From a question to the store until its answer, or until it was given up',
  buckets: BUCKETS,
  channel: STORE_CHANNEL,
  read(message) {
    const { store, seconds, error } = message as StoreMessage
    const attributes = { 'truehop.rate_limit.store': store }
    if (error === undefined) return [seconds, attributes]
    return [seconds, { ...attributes, 'error.type': error }]
  },
}

/** What a guard knows of one node. */
export interface NodeState {
  readonly isOpen: boolean
  readonly pending: number
}

/** Of a store that can fail. `nodes` is looked at anew for each collection. */
export function guardMetrics(kind: string, nodes: ReadonlyMap<string, NodeState>): Metrics {
  return {
    instruments: [UNAVAILABLE, PENDING],
    timings: [DURATION],
    *read(): Iterable<Reading> {
      for (const [node, { isOpen, pending }] of nodes) {
        const name = node === '' ? {} : { 'truehop.rate_limit.node': node }
        const attributes = { 'truehop.rate_limit.store': kind, ...name }
        yield [UNAVAILABLE, isOpen ? 1 : 0, attributes]
        yield [PENDING, pending, attributes]
      }
    },
  }
}

/** Of a store that holds its keys in this process. */
export function keyMetrics(kind: string, store: { readonly size: number }): Metrics {
  return {
    instruments: [KEYS],
    read: () => [[KEYS, store.size, { 'truehop.rate_limit.store': kind }]],
  }
}
