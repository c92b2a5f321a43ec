import type { Platform } from '../platform.js'

export const cloudflareTunnel: Platform = {
  id: 'cloudflare-tunnel',
  name: 'Cloudflare Tunnel',
  peer: 'cloudflared: loopback, or its container/host address',
  peers: ['loopback'],
  rules: {
    'cf-connecting-ip': [
      { asserts: 'cf-connecting-ip', original: ['proto'] },
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
  ranges: undefined,
  writes: [
    {
      name: 'cf-connecting-ip',
      mode: 'written at the edge',
      form: 'address',
      note: 'Pseudo IPv4 as for Cloudflare',
    },
    {
      name: 'x-forwarded-for',
      mode: 'append at the edge',
      form: 'client last',
      note: 'cloudflared itself adds nothing',
    },
    { name: 'cf-warp-tag-id', mode: 'written', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Proto as Cloudflare',
  clientCanInfluence:
    'XFF to the left; any local program can send all of it to the port; x-real-ip not sent',
  closesDirectAccess:
    'Listen only on loopback, or on the network that cloudflared shares with the service.',
  proxyProtocol: 'proxyProtocol option not looked up',
  healthChecks: 'none',
  sources: [
    { what: 'cloudflare/cloudflared#920', confidence: 'observed by users', read: '2026-11-30' },
    { what: 'librespeed/speedtest#757', confidence: 'observed by users', read: '2026-11-30' },
    {
      what: 'cloudflare-docs http-headers.mdx',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
  ],
}
