import type { Platform } from '../platform.js'

export const fly: Platform = {
  id: 'fly',
  name: 'Fly.io',
  peer: '172.16.0.0/12: machine default gateway (one report: 172.16.0.0/16); private 6PN fdaa::/16 for other machines',
  peers: ['172.16.0.0/12'],
  rules: {
    'fly-client-ip': [{ asserts: 'fly-client-ip', original: ['proto'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'fly-client-ip',
      mode: 'overwritten',
      form: 'address, v4 or v6',
      note: 'address that connected to Fly Proxy: the CDN when one is in front',
    },
    {
      name: 'x-forwarded-for',
      mode: 'append two',
      form: '[<supplied>, ]<client>, <address of the app, shared or dedicated, also IPv6>',
      note: 'client second from the right',
    },
  ],
  scheme:
    'X-Forwarded-Proto and X-Forwarded-Ssl written; Fly-Forwarded-Port is the written port; -Host not',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s; X-Forwarded-Port (vendor: may be set by the client)',
  closesDirectAccess:
    'Machines are reached only through Fly Proxy, and over the organisation’s private network (6PN), which is not trusted here.',
  proxyProtocol: 'v1/v2 handler proxy_proto for TCP services (not looked up)',
  healthChecks: 'from the platform inside the machine; not documented here',
  sources: [
    {
      what: 'superfly/docs networking/request-headers.html.md and #1714',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    { what: 'superfly/flyctl#121', confidence: 'stated by maintainer', read: '2026-11-30' },
    {
      what: 'arcjet/arcjet-js#5412: both forged headers tested',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'forge-42/fly-sidecar-poc README: 172.16.0.0/16; default gateway, measured; fdaa::/16 and 172.16.0.0/12',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: proxyProtocol, health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
