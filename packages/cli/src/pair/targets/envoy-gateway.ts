import { lines, type PairTarget, seconds, UNREAD_BY_TCP } from '../configuration.js'
import { envoyHeaders } from './envoy-headers.js'
import { gatewayPolicy, list, scalar } from './yaml-lines.js'

const API = 'gateway.envoyproxy.io/v1alpha1'

/** Envoy Gateway: the policy of the listener, or of the way to the service. */
export const envoyGateway: PairTarget = {
  name: 'envoy-gateway',
  sends: ['proxy-protocol', 'x-forwarded-for', 'single'],
  file: 'a manifest',
  write(contract) {
    if (contract.sends === 'proxy-protocol') {
      return {
        text: lines(
          gatewayPolicy(API, 'BackendTrafficPolicy', 'gateway.networking.k8s.io TCPRoute service'),
          '  proxyProtocol:',
          '    version: V2',
          '  timeout:',
          '    tcp:',
          `      connectTimeout: ${seconds(contract)}s`,
        ),
        notes: [UNREAD_BY_TCP, 'Its active health checks go through the same socket.'],
      }
    }
    const { remove, set, notes } = envoyHeaders(contract)
    return {
      text: lines(
        gatewayPolicy(API, 'ClientTrafficPolicy', 'gateway.networking.k8s.io Gateway gateway'),
        '  headers:',
        '    earlyRequestHeaders:',
        list('      ', 'remove', remove),
        set.length > 0 ? '      set:' : undefined,
        set.flatMap(([name, value]) => [
          `      - name: ${scalar(name)}`,
          `        value: ${scalar(value)}`,
        ]),
      ),
      notes,
    }
  },
}
