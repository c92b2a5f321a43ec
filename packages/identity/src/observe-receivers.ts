import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api'
import type { AcceptCounters } from '@truehop/proxy-protocol/receive'

/** What counts the connections of one server: a handle of `acceptProxyProtocol` is one. */
export interface Receiver {
  readonly counters: AcceptCounters
}

/**
 * Metrics of the servers that receive PROXY headers, as OpenTelemetry instruments: of a handle of
 * `acceptProxyProtocol`, of `app.proxyProtocol` of Fastify, of `identity.proxyProtocol` of Express.
 * `receivers` is iterated anew for each collection: a list that grows is followed.
 *
 * | instrument | attributes beside the listener's name | counts |
 * | --- | --- | --- |
 * | `truehop.proxy_protocol.accepted` | `truehop.proxy_protocol.version` | connections with a header |
 * | `truehop.proxy_protocol.local` | | those whose last header is LOCAL |
 * | `truehop.proxy_protocol.direct` | | connections without a header |
 * | `truehop.proxy_protocol.probes` | | opened and ended without a byte |
 * | `truehop.proxy_protocol.refused` | `truehop.proxy_protocol.reason` | refused connections |
 * | `truehop.proxy_protocol.pending` | | connections that wait for their header now |
 *
 * `truehop.listener.name` is the `name` that the receiver was given; servers of one name, and those
 * without one, are added up. Every attribute has a bounded set of values.
 *
 * Returns a function that ends the observation.
 */
export function observeReceivers(receivers: Iterable<Receiver>, meter: Meter): () => void {
  const counter = (name: string, description: string) =>
    meter.createObservableCounter(`truehop.proxy_protocol.${name}`, { description })
  const instruments = {
    accepted: counter('accepted', 'Connections with a PROXY header'),
    local: counter('local', 'Those whose last header is LOCAL'),
    direct: counter('direct', 'Connections without a PROXY header'),
    probes: counter('probes', 'Connections opened and ended without a byte'),
    refused: counter('refused', 'Refused connections'),
    pending: meter.createObservableUpDownCounter('truehop.proxy_protocol.pending', {
      description: 'Connections that wait for their header',
    }),
  }
  const report = (result: BatchObservableResult): void => {
    const sums = new Sums()
    for (const { counters } of receivers) addUp(sums, counters, instruments)
    sums.report(result)
  }
  const all = Object.values(instruments)
  meter.addBatchObservableCallback(report, all)
  return () => meter.removeBatchObservableCallback(report, all)
}

type Instruments = Readonly<
  Record<'accepted' | 'local' | 'direct' | 'probes' | 'refused' | 'pending', Observable>
>

function addUp(sums: Sums, counters: AcceptCounters, of: Instruments): void {
  const { name, version1, version2, local, direct, probes, pending, refused } = counters
  const listener: Attributes = name === undefined ? {} : { 'truehop.listener.name': name }
  sums.add(of.accepted, version1, { ...listener, 'truehop.proxy_protocol.version': 1 })
  sums.add(of.accepted, version2, { ...listener, 'truehop.proxy_protocol.version': 2 })
  sums.add(of.local, local, listener)
  sums.add(of.direct, direct, listener)
  sums.add(of.probes, probes, listener)
  sums.add(of.pending, pending, listener)
  for (const [reason, count] of Object.entries(refused)) {
    sums.add(of.refused, count, { ...listener, 'truehop.proxy_protocol.reason': reason })
  }
}

/** Of two observations with the same attributes only the last would count. */
class Sums {
  readonly #sums = new Map<Observable, Map<string, { value: number; attributes: Attributes }>>()

  add(of: Observable, value: number, attributes: Attributes): void {
    const sums = this.#sums.get(of) ?? new Map<string, { value: number; attributes: Attributes }>()
    this.#sums.set(of, sums)
    const key = JSON.stringify(attributes)
    const before = sums.get(key)?.value ?? 0
    sums.set(key, { value: before + value, attributes })
  }

  report(result: BatchObservableResult): void {
    for (const [of, sums] of this.#sums) {
      for (const { value, attributes } of sums.values()) result.observe(of, value, attributes)
    }
  }
}
