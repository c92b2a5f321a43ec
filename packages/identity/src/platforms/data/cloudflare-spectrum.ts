import { cloudflareRanges } from '../../ranges/snapshots/cloudflare.js'
import type { Platform } from '../platform.js'

export const cloudflareSpectrum: Platform = {
  id: 'cloudflare-spectrum',
  name: 'Cloudflare Spectrum',
  peer: 'Cloudflare ranges',
  peers: cloudflareRanges.entries,
  rules: {
    'proxy-protocol': [{ asserts: 'proxy-protocol', original: [] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: cloudflareRanges,
  writes: [],
  scheme: 'HTTP(S) applications: as Cloudflare',
  clientCanInfluence: 'nothing',
  closesDirectAccess: 'A firewall with the published ranges.',
  proxyProtocol:
    'v1 (TCP), v2 (TCP: each connection; UDP: first datagram of a stream only), Simple Proxy Protocol for UDP: 38 octets, magic 0x56EC, client 16, proxy 16, ports 2+2, IPv4 as mapped; Enterprise',
  healthChecks: 'not documented',
  sources: [
    {
      what: 'cloudflare/cloudflare-docs spectrum/how-to/enable-proxy-protocol.mdx, spectrum/reference/simple-proxy-protocol-header.mdx',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
  ],
}
