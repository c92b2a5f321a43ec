import type { Platform } from '../platform.js'

export const railway: Platform = {
  id: 'railway',
  name: 'Railway',
  peer: '100.64.0.x (seen: 100.64.0.3); vendor guide once used 100.0.0.0/8 and now trusts all because the range is not stable; private network fd12::/16',
  peers: ['cgnat'],
  rules: {
    'x-real-ip': [{ asserts: 'x-real-ip', original: ['proto', 'host'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-real-ip',
      mode: 'overwritten',
      form: 'address',
      note: 'the client; equals CF-Connecting-IP when the request came through Cloudflare',
    },
    {
      name: 'x-forwarded-for',
      mode: 'rewritten',
      form: '<address that connected to the edge>, <edge PoP address>',
      note: 'client-sent entries dropped; behind Cloudflare the first entry is the Cloudflare edge, so the client is not in the list; rightmost rotates',
    },
  ],
  scheme: 'X-Forwarded-Proto always https; X-Forwarded-Host written (staff: overwritten)',
  clientCanInfluence: 'nothing of these two; every other header',
  closesDirectAccess:
    'Services are reached only through the edge, and over the project’s private network.',
  proxyProtocol: 'no (TCP proxy: not looked up)',
  healthChecks: 'from inside the platform; host healthcheck.railway.app (not looked up)',
  sources: [
    {
      what: 'railwayapp/docs content/docs/networking/public-networking/specs-and-limits.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'railwayapp/docs#1353 (2026-09-12): 100.0.0.0/8 not stable',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
    {
      what: 'Crossbill-App/crossbill-web#450: peer 100.64.0.3, XFF, X-Real-IP, Cloudflare in front',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'fancyboi999/open-tag#107: forged X-Real-IP and XFF replaced',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: private range fd12::/16, health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
