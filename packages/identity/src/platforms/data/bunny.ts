import { bunnyRanges } from '../../ranges/snapshots/bunny.js'
import type { Platform } from '../platform.js'

export const bunny: Platform = {
  id: 'bunny',
  name: 'bunny.net CDN',
  peer: 'edge server list; with Origin Shield the shield location',
  peers: bunnyRanges.entries,
  rules: {
    'x-forwarded-for': [
      { asserts: 'x-forwarded-for', original: ['proto'] },
      { name: 'x-real-ip', asserts: 'x-real-ip', required: true, original: ['proto'] },
    ],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: bunnyRanges,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'overwritten',
      form: 'single address',
      note: 'client-sent value discarded; still the visitor behind Origin Shield',
    },
    { name: 'x-real-ip', mode: 'written', form: 'address v4/v6', note: '' },
    { name: 'via', mode: 'written', form: 'BunnyCDN', note: '' },
  ],
  scheme: 'X-Forwarded-Proto written; -Host not',
  clientCanInfluence: 'nothing of these',
  closesDirectAccess: 'A firewall with the published list, which changes often.',
  proxyProtocol: 'no',
  healthChecks: 'not found',
  sources: [
    {
      what: 'bunny.net/docs/cdn/request-headers-to-origin.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'bunny.net/docs/cdn/troubleshooting/run-traceroute (2026-01-23): lists change',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: -Host',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
