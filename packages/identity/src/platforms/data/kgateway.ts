import type { Platform } from '../platform.js'

export const kgateway: Platform = {
  id: 'kgateway',
  name: 'kgateway',
  peer: 'gateway pods',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
  },
  parameters: [{ name: 'from', required: true, says: 'the pod network of the gateway' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append (use_remote_address true)',
      form: '"," without blank',
      note: 'client last',
    },
    {
      name: 'x-envoy-external-address',
      mode: 'written only for external (non-private) clients',
      form: 'address',
      note: 'for private peers not set and not overwritten: a client-sent value passes',
    },
  ],
  scheme: 'X-Forwarded-Proto overwritten unless trusted hops > 0; -Host not',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s; x-envoy-external-address whenever the downstream peer is private (SNAT, internal LB)',
  closesDirectAccess: 'A NetworkPolicy that allows only the gateway.',
  proxyProtocol: 'in/out via policy (not looked up)',
  healthChecks: 'none',
  sources: [
    {
      what: 'envoyproxy/envoy docs/root/configuration/http/http_conn_man/headers.rst',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'kgateway-dev/kgateway#11524 (use_remote_address set, xff_num_trusted_hops not; forged entry stays leftmost)',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: proxyProtocol',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
