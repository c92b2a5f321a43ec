import type { Platform } from '../platform.js'

export const digitaloceanAppPlatform: Platform = {
  id: 'digitalocean-app-platform',
  name: 'DigitalOcean App Platform',
  peer: 'not documented; users trust 10.0.0.0/8 and 172.16.0.0/12 (gist 4lun)',
  peers: ['10.0.0.0/8', '172.16.0.0/12'],
  rules: {
    'do-connecting-ip': [{ asserts: 'do-connecting-ip', original: [] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    { name: 'do-connecting-ip', mode: 'written', form: 'address', note: 'vendor: the client' },
    {
      name: 'x-forwarded-for',
      mode: 'ingress address; with a CDN in front a list <client>, <CDN>, <DigitalOcean>',
      form: '',
      note: 'last entry is never the client',
    },
  ],
  scheme: 'not found',
  clientCanInfluence:
    'x-forwarded-for; replacement of a client-sent do-connecting-ip not documented',
  closesDirectAccess: 'Components are reached only through the ingress.',
  proxyProtocol: 'no (the Load Balancer product: v1)',
  healthChecks: 'not found',
  sources: [
    {
      what: 'docs.digitalocean.com/support/where-can-i-find-the-client-ip-address-of-a-request-connecting-to-my-app as cited in AikidoSec/firewall-node#696',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'mixpanel/tracking-proxy#31, pbojinov/request-ip#68',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'fingerprintjs/fingerprintjs-pro-use-cases#241 (2026-08): three entries in XFF',
      confidence: 'contradicting',
      read: '2026-11-30',
    },
    {
      what: 'docs.digitalocean.com: built-in CDN is Cloudflare',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
  ],
}
