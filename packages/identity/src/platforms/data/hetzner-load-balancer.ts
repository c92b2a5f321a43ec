import type { Platform } from '../platform.js'

export const hetznerLoadBalancer: Platform = {
  id: 'hetzner-load-balancer',
  name: 'Hetzner Cloud Load Balancer',
  peer: 'the load balancer’s address in the private network, or its public one',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
    'proxy-protocol': [{ asserts: 'proxy-protocol', original: [] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the load balancer’s address in the private network, from the console or `hcloud load-balancer describe`',
    },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'proxy-protocol'],
      says: '`proxy-protocol` for TCP services with PROXY protocol on',
    },
  ],
  ranges: undefined,
  writes: [
    { name: 'x-forwarded-for', mode: 'append', form: 'address', note: 'HTTP and HTTPS services' },
  ],
  scheme: 'X-Forwarded-Proto written (inferred)',
  clientCanInfluence: 'everything left of the last X-Forwarded-For entry',
  closesDirectAccess: 'A firewall that allows only the load balancer.',
  proxyProtocol: 'v2 for TCP services, off by default (inferred)',
  healthChecks: 'from the same address without X-Forwarded-For (inferred)',
  sources: [
    {
      what: 'everything: no vendor documentation was available',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
