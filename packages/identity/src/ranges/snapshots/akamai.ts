import type { ProviderSnapshot } from '../provider-snapshot.js'

/**
 * What Origin IP ACL lists. Published as text in an archive: unpack it and use format `lines`.
 * Taken that day from a public copy that carries no date.
 */
export const akamaiRanges = {
  source: 'https://techdocs.akamai.com/property-manager/pdfs/akamai_ipv4_ipv6_CIDRs-txt.zip',
  format: 'lines',
  date: '2026-11-30',
  entries: [
    '184.24.0.0/13',
    '2.16.0.0/13',
    '23.0.0.0/12',
    '23.192.0.0/11',
    '23.32.0.0/11',
    '95.100.0.0/15',
    '2405:9600::/32',
    '2600:1400::/24',
    '2a02:26f0::/32',
  ],
} as const satisfies ProviderSnapshot
