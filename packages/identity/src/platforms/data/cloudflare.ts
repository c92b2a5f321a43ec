import { cloudflareRanges } from '../../ranges/snapshots/cloudflare.js'
import type { Platform } from '../platform.js'

export const cloudflare: Platform = {
  id: 'cloudflare',
  name: 'Cloudflare',
  peer: 'published ranges; also Workers and other Cloudflare customers come from them',
  peers: cloudflareRanges.entries,
  rules: {
    'cf-connecting-ip': [
      { asserts: 'cf-connecting-ip', required: true, original: ['proto'] },
      {
        name: 'pseudo-ipv4',
        from: ['240.0.0.0/4'],
        asserts: 'cf-connecting-ipv6',
        required: true,
        original: ['proto'],
      },
    ],
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
    {
      name: 'header',
      required: false,
      values: ['cf-connecting-ip', 'x-forwarded-for'],
      says: '`x-forwarded-for` where visitor IP headers are removed',
    },
  ],
  ranges: cloudflareRanges,
  writes: [
    {
      name: 'cf-connecting-ip',
      mode: 'overwritten',
      form: 'one address, v4 or v6',
      note: 'absent with "Remove visitor IP headers"; Pseudo IPv4 "overwrite": contains 240.0.0.0/4 and the IPv6 address is in cf-connecting-ipv6; cross-zone Worker: 2a06:98c0:3600::103',
    },
    { name: 'x-forwarded-for', mode: 'append', form: 'client last, joined with ","', note: '' },
    {
      name: 'true-client-ip',
      mode: 'Enterprise transform',
      form: 'address',
      note: 'spoofable in stacked CDN when not set',
    },
    { name: 'x-real-ip', mode: 'removed (outside Workers)', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Proto overwritten; CF-Visitor scheme; -Host, -Port not (inferred)',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s; True-Client-IP when the transform is off; any Cloudflare customer can send from the ranges',
  closesDirectAccess:
    'Authenticated origin pulls, a tunnel, or a firewall with the published ranges; Workers of other customers come from the ranges too.',
  proxyProtocol: 'only Spectrum',
  healthChecks: 'Health Checks and Load Balancing monitors from the same ranges (not looked up)',
  sources: [
    {
      what: 'cloudflare/cloudflare-docs src/content/docs/fundamentals/reference/http-headers.mdx',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'librespeed/speedtest#757 (Pseudo IPv4 dump)',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: JSON API address, health, -Host/-Port',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
