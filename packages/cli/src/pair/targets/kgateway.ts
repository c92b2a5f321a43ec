import { lines, type PairTarget, seconds, UNREAD_BY_TCP } from '../configuration.js'
import { envoyHeaders } from './envoy-headers.js'
import { gatewayPolicy, list, scalar } from './yaml-lines.js'

const API = 'gateway.kgateway.dev/v1alpha1'

/** kgateway 2.2 or newer: the policy of the listener, or of the way to the service. */
export const kgateway: PairTarget = {
  name: 'kgateway',
  sends: ['proxy-protocol', 'x-forwarded-for', 'single'],
  file: 'a manifest',
  write(contract) {
    if (contract.sends === 'proxy-protocol') {
      return {
        text: lines(
          gatewayPolicy(API, 'BackendConfigPolicy', 'core Service service'),
          `  connectTimeout: ${seconds(contract)}s`,
          '  upstreamProxyProtocol:',
          '    version: V2',
        ),
        notes: [
          UNREAD_BY_TCP,
          'Use a TCPRoute: over HTTP, connections are shared between clients.',
        ],
      }
    }
    const { remove, set, notes } = envoyHeaders(contract)
    return {
      text: lines(
        gatewayPolicy(API, 'ListenerPolicy', 'gateway.networking.k8s.io Gateway gateway'),
        '  default:',
        '    httpSettings:',
        '      useRemoteAddress: true',
        '      earlyRequestHeaderModifier:',
        list('        ', 'remove', remove),
        set.length > 0 ? '        set:' : undefined,
        set.flatMap(([name, value]) => [
          `        - name: ${scalar(name)}`,
          `          value: ${scalar(value)}`,
        ]),
      ),
      notes,
    }
  },
}
