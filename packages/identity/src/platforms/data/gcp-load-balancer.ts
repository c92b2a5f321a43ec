import { googleFrontEndsRanges } from '../../ranges/snapshots/google-front-ends.js'
import type { Platform } from '../platform.js'

export const gcpLoadBalancer: Platform = {
  id: 'gcp-load-balancer',
  name: 'Google Cloud Application Load Balancer',
  peer: 'global external and classic ALB: Google front ends 35.191.0.0/16 and 130.211.0.0/22, IPv6 2600:2d00:1:b029::/64 and 2600:2d00:1:1::/64; regional external, internal, cross-region internal ALB: the proxy-only subnet of the VPC; internet NEG: _cloud-eoips.googleusercontent.com TXT',
  peers: googleFrontEndsRanges.entries,
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', depth: 2, original: ['proto'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: googleFrontEndsRanges,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append two',
      form: '[<supplied>,]<client-ip>,<load-balancer-ip>; comma without blank',
      note: 'client is second from the right; what precedes is unverified and may contain blanks; a proxy at the backend appends further entries',
    },
  ],
  scheme: 'X-Forwarded-Proto: written (not read in vendor text, widely relied on; gateway#2252)',
  clientCanInfluence: 'everything left of the last two entries',
  closesDirectAccess:
    'A firewall rule that allows only the front ends; for regional and internal balancers name the proxy-only subnet in `from`.',
  proxyProtocol: 'v1 only for TCP/SSL proxy load balancers (not looked up; inferred)',
  healthChecks: 'from 35.191.0.0/16 and 130.211.0.0/22 (and the IPv6 ranges), no XFF',
  sources: [
    {
      what: 'cloud.google.com/load-balancing/docs/firewall-rules (English, zh, ja) and docs.cloud.google.com/.../firewall-rules.md.txt',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'cloud.google.com/load-balancing/docs/https#x-forwarded-for_header as quoted in several repositories',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'newer copy of the firewall page shows only 35.191.0.0/16 for IPv4 of the global external ALB, older copies also 130.211.0.0/22',
      confidence: 'contradicting',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: proxyProtocol',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
