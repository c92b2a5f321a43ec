import { lines, type PairTarget, UNREAD_BY_TCP } from '../configuration.js'

/** LoxiLB's annotations of a Kubernetes service. */
export const loxilb: PairTarget = {
  name: 'loxilb',
  sends: ['proxy-protocol'],
  file: 'a manifest',
  write(_contract, { listen, upstream }) {
    return {
      text: lines(
        'apiVersion: v1',
        'kind: Service',
        'metadata:',
        '  name: service',
        '  annotations:',
        '    loxilb.io/lbmode: "fullnat"',
        '    loxilb.io/useproxyprotov2: "yes"',
        'spec:',
        '  type: LoadBalancer',
        '  loadBalancerClass: loxilb.io/loxilb',
        '  externalTrafficPolicy: Local',
        '  selector:',
        '    app: service',
        '  ports:',
        `  - port: ${listen.port}`,
        `    targetPort: ${upstream.port}`,
      ),
      notes: [
        UNREAD_BY_TCP,
        'Liveness probes (loxilb.io/liveness) carry no PROXY header: probe by TCP connect, or name the nodes in proxyProtocol.healthCheckFrom.',
      ],
    }
  },
}
