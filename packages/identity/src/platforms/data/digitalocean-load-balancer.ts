import type { Platform } from '../platform.js'

export const digitaloceanLoadBalancer: Platform = {
  id: 'digitalocean-load-balancer',
  name: 'DigitalOcean Load Balancer',
  peer: 'the load balancer’s addresses in the VPC',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
    'proxy-protocol': [{ asserts: 'proxy-protocol', original: [] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the VPC’s range, from the control panel or `doctl vpcs list`',
    },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'proxy-protocol'],
      says: '`proxy-protocol` where PROXY protocol is on',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'address',
      note: 'HTTP, HTTPS, HTTP/2 forwarding rules',
    },
  ],
  scheme: 'X-Forwarded-Proto and -Port written (inferred)',
  clientCanInfluence: 'everything left of the last X-Forwarded-For entry',
  closesDirectAccess: 'A cloud firewall whose source is the load balancer.',
  proxyProtocol: 'v1, off by default',
  healthChecks: 'from the same addresses without X-Forwarded-For (inferred)',
  sources: [
    {
      what: 'PROXY protocol version 1 of the Load Balancer product: facts of App Platform',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    { what: 'headers, health checks', confidence: 'only inferred', read: '2026-11-30' },
  ],
}
