import type { Place } from '../../listen/listening.js'
import {
  type Configuration,
  type Ends,
  lines,
  type PairTarget,
  seconds,
  UNREAD_BY_TCP,
} from '../configuration.js'
import type { HopContract } from '../hop-contract.js'
import { envoyHeaders } from './envoy-headers.js'
import { scalar } from './yaml-lines.js'

const TYPE = 'type.googleapis.com/envoy.extensions'

/** A bootstrap of one listener and one cluster. */
export const envoy: PairTarget = {
  name: 'envoy',
  sends: ['proxy-protocol', 'x-forwarded-for', 'single'],
  file: 'envoy.yaml',
  write(contract, ends) {
    return contract.sends === 'proxy-protocol' ? tcp(contract, ends) : http(contract, ends)
  },
}

function tcp(contract: HopContract, ends: Ends): Configuration {
  return {
    text: lines(
      listener(ends.listen),
      '      - name: envoy.filters.network.tcp_proxy',
      '        typed_config:',
      `          "@type": ${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`,
      '          stat_prefix: service',
      '          cluster: service',
      cluster(contract, ends.upstream),
      '    transport_socket:',
      '      name: envoy.transport_sockets.upstream_proxy_protocol',
      '      typed_config:',
      `        "@type": ${TYPE}.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
      '        config:',
      '          version: V2',
      '        transport_socket:',
      '          name: envoy.transport_sockets.raw_buffer',
      '          typed_config:',
      `            "@type": ${TYPE}.transport_sockets.raw_buffer.v3.RawBuffer`,
      '    health_checks:',
      '    # They go through the same socket, with a header of the kind LOCAL.',
      `    - timeout: ${seconds(contract)}s`,
      '      interval: 10s',
      '      unhealthy_threshold: 2',
      '      healthy_threshold: 2',
      '      tcp_health_check: {}',
    ),
    notes: [UNREAD_BY_TCP],
  }
}

function http(contract: HopContract, ends: Ends): Configuration {
  const { remove, set, notes } = envoyHeaders(contract)
  return {
    text: lines(
      listener(ends.listen),
      '      - name: envoy.filters.network.http_connection_manager',
      '        typed_config:',
      `          "@type": ${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      '          stat_prefix: service',
      '          use_remote_address: true',
      contract.sends === 'single' ? '          skip_xff_append: true' : undefined,
      earlyMutations(remove),
      '          route_config:',
      '            virtual_hosts:',
      '            - name: service',
      '              domains: ["*"]',
      setFields(set),
      '              routes:',
      '              - match: { prefix: "/" }',
      '                route: { cluster: service }',
      '          http_filters:',
      '          - name: envoy.filters.http.router',
      '            typed_config:',
      `              "@type": ${TYPE}.filters.http.router.v3.Router`,
      cluster(contract, ends.upstream),
    ),
    notes,
  }
}

function earlyMutations(remove: readonly string[]): string[] {
  if (remove.length === 0) return []
  return [
    '          early_header_mutation_extensions:',
    '          - name: envoy.http.early_header_mutation.header_mutation',
    '            typed_config:',
    `              "@type": ${TYPE}.http.early_header_mutation.header_mutation.v3.HeaderMutation`,
    '              mutations:',
    ...remove.map((name) => `              - remove: ${scalar(name)}`),
  ]
}

function setFields(set: readonly (readonly [string, string])[]): string[] {
  if (set.length === 0) return []
  return [
    '              request_headers_to_add:',
    ...set.flatMap(([key, value]) => [
      `              - header: { key: ${scalar(key)}, value: ${scalar(value)} }`,
      '                append_action: OVERWRITE_IF_EXISTS_OR_ADD',
    ]),
  ]
}

function listener({ host, port }: Place): string[] {
  return [
    'static_resources:',
    '  listeners:',
    '  - name: service',
    '    address:',
    `      socket_address: { address: ${scalar(host)}, port_value: ${port} }`,
    '    filter_chains:',
    '    - filters:',
  ]
}

function cluster(contract: HopContract, { host, port }: Place): string[] {
  return [
    '  clusters:',
    '  - name: service',
    '    type: STRICT_DNS',
    `    connect_timeout: ${seconds(contract)}s`,
    '    load_assignment:',
    '      cluster_name: service',
    '      endpoints:',
    '      - lb_endpoints:',
    '        - endpoint:',
    '            address:',
    `              socket_address: { address: ${scalar(host)}, port_value: ${port} }`,
  ]
}
