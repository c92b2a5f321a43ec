import type { Platform } from '../platform.js'

export const traefik: Platform = {
  id: 'traefik',
  name: 'Traefik',
  peer: 'user (pod network, Docker network, host)',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'host', 'port'] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the pod network, Docker network or host that Traefik runs in',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'replaced by the peer (default); appended when the peer is in forwardedHeaders.trustedIPs or insecure=true',
      form: 'address',
      note: 'option notAppendXForwardedFor leaves it',
    },
    {
      name: 'x-real-ip',
      mode: 'set when absent (after the removal)',
      form: 'address',
      note: 'passes through from trusted peers',
    },
  ],
  scheme:
    'X-Forwarded-Proto, -Host, -Port, -Server set when absent (after removal); WebSocket upgrades: ws or wss',
  clientCanInfluence: 'nothing by default; everything with insecure=true',
  closesDirectAccess: 'A network that only Traefik shares with the service; without `insecure`.',
  proxyProtocol: 'v1/v2 in on entrypoints; v1/v2 out for TCP services (proxyProtocol.version)',
  healthChecks: 'requests to servers come from Traefik without XFF (inferred)',
  sources: [
    {
      what: 'traefik/traefik pkg/middlewares/forwardedheaders/forwarded_header.go at fd5a576 (2026-07-24)',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: proxyProtocol, health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
