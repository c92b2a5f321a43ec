import { envoyTreatment } from './manifest-reader.js'
import type { Sender } from './sender.js'
import { at, objectsIn } from './tree.js'

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** Envoy's bootstrap: each way from a listener to a cluster. */
export function readEnvoy(document: unknown): Sender[] {
  const clusters = list(at(document, 'static_resources', 'clusters'))
  const listeners = list(at(document, 'static_resources', 'listeners'))
  return listeners.flatMap((listener) =>
    clusters
      .filter((cluster) => leadsTo(listener, at(cluster, 'name')))
      .flatMap((cluster) => ways(listener, cluster)),
  )
}

function leadsTo(listener: unknown, name: unknown): boolean {
  return [...objectsIn(listener)].some((object) => at(object, 'cluster') === name)
}

function ways(listener: unknown, cluster: unknown): Sender[] {
  const all = [...objectsIn(listener)]
  const manager = all.find((one) => at(one, 'route_config') !== undefined)
  const changes = { remove: removedIn(all), set: setIn(all) }
  const own = {
    isRemote: at(manager, 'use_remote_address') === true,
    isExtended: at(manager, 'skip_xff_append') !== true,
  }
  // Envoy goes by the type, and not by the name.
  const type = String(at(cluster, 'transport_socket', 'typed_config', '@type') ?? '')
  const addresses = [...objectsIn(cluster)].flatMap((one) => at(one, 'socket_address') ?? [])
  return addresses.map((address) => ({
    place: `cluster ${String(at(cluster, 'name'))}`,
    to: `${String(at(address, 'address'))}:${String(at(address, 'port_value'))}`,
    http: manager !== undefined,
    proxy: /\.ProxyProtocolUpstreamTransport$/.test(type),
    treatment: envoyTreatment(changes, own),
    trusts: [],
    // They go through the cluster's own socket.
    checksWithHeader: undefined,
  }))
}

const removedIn = (all: readonly object[]): unknown[] =>
  all.flatMap((one) => [at(one, 'remove'), ...list(at(one, 'request_headers_to_remove'))])

function setIn(all: readonly object[]): unknown[] {
  const added = all.flatMap((one) => list(at(one, 'request_headers_to_add')))
  return added
    .filter((one) => String(at(one, 'append_action') ?? '').startsWith('OVERWRITE'))
    .map((one) => ({ name: at(one, 'header', 'key') }))
}
