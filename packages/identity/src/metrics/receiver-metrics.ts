import type { Instrument, Metrics, Reading, Timing } from '@truehop/ip/internal'
import type { AcceptCounters } from '@truehop/proxy-protocol/receive'

/** What counts the connections of one server: a handle of `acceptProxyProtocol` is one. */
export interface Receiver {
  readonly counters: AcceptCounters
}

function counter(name: string, description: string): Instrument {
  return {
    name: `truehop.proxy_protocol.${name}`,
    kind: 'counter',
    unit: '{connection}',
    description,
  }
}

const ACCEPTED = counter('accepted', 'Connections with a PROXY header')
const LOCAL = counter('local', 'Those whose last header is LOCAL')
const HEADER_IN_PAYLOAD = counter(
  'header_in_payload',
  'Those whose headers are followed by yet another, beyond maxHeaders',
)
const DIRECT = counter('direct', 'Connections without a PROXY header')
const PROBES = counter('probes', 'Connections opened and ended without a byte')
const REFUSED = counter('refused', 'Refused connections')
const PENDING: Instrument = {
  name: 'truehop.proxy_protocol.pending',
  kind: 'up-down-counter',
  unit: '{connection}',
  description: 'Connections that wait for their header',
}

const HEADER_DURATION: Timing = {
  name: 'truehop.proxy_protocol.header.duration',
  description: 'Time from accepting a connection until its last PROXY header was complete',
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  channel: 'truehop.proxy_protocol.accepted',
  read(message) {
    const { waited, listener } = message as { readonly waited: number; readonly listener?: string }
    return [waited / 1000, listenerOf(listener)]
  },
}

/** The receivers are iterated again for each collection: a growing list is followed. */
export function receiverMetrics(receivers: Iterable<Receiver>): Metrics {
  return {
    instruments: [ACCEPTED, LOCAL, HEADER_IN_PAYLOAD, DIRECT, PROBES, REFUSED, PENDING],
    timings: [HEADER_DURATION],
    *read() {
      for (const { counters } of receivers) yield* readingsOf(counters)
    },
  }
}

function* readingsOf(counters: AcceptCounters): Iterable<Reading> {
  const { version1, version2, local, headerInPayload, direct, probes, pending, refused } = counters
  const listener = listenerOf(counters.name)
  yield [ACCEPTED, version1, { ...listener, 'truehop.proxy_protocol.version': 1 }]
  yield [ACCEPTED, version2, { ...listener, 'truehop.proxy_protocol.version': 2 }]
  yield [LOCAL, local, listener]
  yield [HEADER_IN_PAYLOAD, headerInPayload, listener]
  yield [DIRECT, direct, listener]
  yield [PROBES, probes, listener]
  yield [PENDING, pending, listener]
  for (const [reason, count] of Object.entries(refused)) {
    yield [REFUSED, count, { ...listener, 'truehop.proxy_protocol.reason': reason }]
  }
}

/** Servers without a name are added up. */
function listenerOf(name: string | undefined): Readonly<Record<string, string>> {
  return name === undefined ? {} : { 'truehop.listener.name': name }
}
