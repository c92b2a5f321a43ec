import type { Platform } from '../platform.js'

export const istioSidecar: Platform = {
  id: 'istio-sidecar',
  name: 'Istio sidecar',
  peer: '127.0.0.6 and ::6 (inbound bind address); 127.0.0.1 with a Sidecar defaultEndpoint; ambient mode: no sidecar',
  peers: ['127.0.0.6', '::6'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', required: true, original: ['proto'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'sidecar: not modified; ingress gateway: append',
      form: '',
      note: 'the entry is written by the gateway, or by any caller in the mesh',
    },
    { name: 'x-envoy-external-address', mode: 'gateway only', form: 'address', note: '' },
    { name: 'x-forwarded-client-cert', mode: 'per setting', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Proto from the gateway',
  clientCanInfluence:
    'every workload that reaches the sidecar can send XFF; north-south: left of the last entry',
  closesDirectAccess:
    'An AuthorizationPolicy that allows only the ingress gateway: every workload that reaches the sidecar can write the list.',
  proxyProtocol: 'gateway in by EnvoyFilter; sidecar none',
  healthChecks: 'kubelet probes are rewritten to the agent: come from loopback',
  sources: [
    {
      what: 'istio source: InboundPassthroughBindIpv4 = 127.0.0.6, ...Ipv6 = ::6',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'istio/istio.io network-topologies/index.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'that page says the gateway appends its own address; Envoy documents the downstream address',
      confidence: 'contradicting',
      read: '2026-11-30',
    },
    {
      what: 'sidecar with use_remote_address false',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: Sidecar defaultEndpoint, ambient, probe rewriting',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
