import type { Platform } from '../platform.js'

export const envoyGateway: Platform = {
  id: 'envoy-gateway',
  name: 'Envoy Gateway',
  peer: 'envoy proxy pods',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
  },
  parameters: [{ name: 'from', required: true, says: 'the pod network of the proxies' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append (default); disableXForwardedForAppend stops that',
      form: '"1.1.1.1,2.2.2.2,10.244.0.9"',
      note: '',
    },
    {
      name: 'x-envoy-external-address',
      mode: 'as kgateway; with numTrustedHops the n-th from the right',
      form: 'address',
      note: '',
    },
  ],
  scheme: 'X-Forwarded-Proto overwritten unless numTrustedHops is set',
  clientCanInfluence: 'as kgateway; with numTrustedHops also X-Forwarded-Proto',
  closesDirectAccess: 'A NetworkPolicy that allows only the proxies.',
  proxyProtocol:
    'in: enableProxyProtocol; out: BackendTrafficPolicy proxyProtocol (v1/v2, not looked up)',
  healthChecks: 'none',
  sources: [
    {
      what: 'envoyproxy/gateway site/content/en/latest/tasks/traffic/client-traffic-policy.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'envoyproxy/gateway#6338, #2252',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
    {
      what: 'envoyproxy/envoy docs/root/configuration/http/http_conn_man/headers.rst',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: proxyProtocol out',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
