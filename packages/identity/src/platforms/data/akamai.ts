import { akamaiRanges } from '../../ranges/snapshots/akamai.js'
import type { Platform } from '../platform.js'

export const akamai: Platform = {
  id: 'akamai',
  name: 'Akamai',
  peer: 'edge servers; stable only with Origin IP ACL or SiteShield',
  peers: akamaiRanges.entries,
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', required: true, original: [] }],
    'true-client-ip': [{ asserts: 'true-client-ip', required: true, original: [] }],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'true-client-ip'],
      says: '`true-client-ip` only where the behaviour is on and clients may not set it',
    },
  ],
  ranges: akamaiRanges,
  writes: [
    {
      name: 'true-client-ip',
      mode: 'written when the True Client IP behaviour is on (name configurable)',
      form: 'address',
      note: 'behaviour has an option that lets clients set it (not seen in vendor text)',
    },
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'client first of what Akamai adds, edge may follow',
      note: 'not seen in vendor text',
    },
  ],
  scheme: 'not found',
  clientCanInfluence: 'True-Client-IP when the behaviour is off or clients may set it; XFF',
  closesDirectAccess: 'Origin IP ACL or SiteShield.',
  proxyProtocol: 'no',
  healthChecks: 'not found',
  sources: [
    {
      what: 'techdocs.akamai.com origin_ip_acl, client-ip criterion',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'header names: dachcom-digital/pimcore-i18n#76, cloudflare setting true_client_ip_header',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    { what: 'what is not named here', confidence: 'only inferred', read: '2026-11-30' },
  ],
}
