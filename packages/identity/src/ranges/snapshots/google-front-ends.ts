import type { ProviderSnapshot } from '../provider-snapshot.js'

/**
 * Front ends of the global external and the classic Application Load Balancer, and of health
 * checks. Published as a page, not as a list.
 * Taken that day from a public copy that carries no date.
 */
export const googleFrontEndsRanges = {
  source: 'https://cloud.google.com/load-balancing/docs/firewall-rules',
  format: 'lines',
  date: '2026-11-30',
  entries: ['35.191.0.0/16', '130.211.0.0/22', '2600:2d00:1:b029::/64', '2600:2d00:1:1::/64'],
} as const satisfies ProviderSnapshot
