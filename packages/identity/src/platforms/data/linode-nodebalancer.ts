import type { Platform } from '../platform.js'

export const linodeNodebalancer: Platform = {
  id: 'linode-nodebalancer',
  name: 'Akamai (Linode) NodeBalancer',
  peer: 'the NodeBalancer’s private address',
  peers: ['192.168.255.0/24'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
    'proxy-protocol': [{ asserts: 'proxy-protocol', original: [] }],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'proxy-protocol'],
      says: '`proxy-protocol` for TCP ports with PROXY protocol on',
    },
  ],
  ranges: undefined,
  writes: [
    { name: 'x-forwarded-for', mode: 'append', form: 'address', note: 'HTTP and HTTPS only' },
  ],
  scheme: 'X-Forwarded-Proto written (inferred)',
  clientCanInfluence: 'everything left of the last X-Forwarded-For entry',
  closesDirectAccess: 'A firewall that allows only 192.168.255.0/24.',
  proxyProtocol: 'v1 or v2 for TCP, per port',
  healthChecks: 'HTTP or TCP checks from the same addresses without X-Forwarded-For (inferred)',
  sources: [
    {
      what: 'techdocs.akamai.com/cloud-computing/docs/clients-ip-address-pass-through: X-Forwarded-For, proxies in 192.168.255.0/24',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'techdocs.akamai.com/cloud-computing/docs/using-proxy-protocol-with-nodebalancers',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'append, X-Forwarded-Proto, health checks',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
