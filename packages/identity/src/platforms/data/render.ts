import { cloudflareRanges } from '../../ranges/snapshots/cloudflare.js'
import type { Platform } from '../platform.js'

export const render: Platform = {
  id: 'render',
  name: 'Render',
  peer: '10.x (Render proxy; Polar uses 10.0.0.0/8); other services of the workspace share that private network',
  peers: ['10.0.0.0/8'],
  rules: {
    'x-forwarded-for': [
      { asserts: 'x-forwarded-for', original: ['proto'] },
      {
        name: 'cloudflare',
        from: cloudflareRanges.entries,
        asserts: 'cf-connecting-ip',
        required: true,
        original: ['proto'],
      },
    ],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: '[<supplied>,]<client>, <Cloudflare edge>, <10.x>',
      note: 'three entries observed 2025-04 and 2025-11; two entries (client, edge) with REMOTE_ADDR 10.x in another report',
    },
    { name: 'cf-connecting-ip', mode: 'written by Cloudflare', form: 'address', note: '' },
    {
      name: 'true-client-ip',
      mode: 'written by Cloudflare',
      form: 'address',
      note: 'Render community answer recommends it',
    },
  ],
  scheme: 'X-Forwarded-Proto https seen',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s (tested: a forged one stays leftmost)',
  closesDirectAccess:
    'Web services are reached only through the proxy; services of the same workspace share its private network.',
  proxyProtocol: 'no',
  healthChecks: 'HTTP health check path from the platform; peer not documented',
  sources: [
    {
      what: 'arcjet/arcjet-js#5411 (forged header tested), #3899 (full dump)',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'community.render.com/t/35981 as cited there',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
    {
      what: 'rohitpaulk.com article; rails/rails#45031: two entries',
      confidence: 'contradicting',
      read: '2026-11-30',
    },
    {
      what: 'polarsource/polar#12941: 10.0.0.0/8',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
  ],
}
