/** A dated copy of a provider's list, for `from: [...providers.cloudflare.entries]` or `initial`. */
export interface ProviderSnapshot {
  readonly entries: readonly string[]
  /** The day of the copy, `YYYY-MM-DD`. Lists change: refresh them, or follow them by rangesFrom. */
  readonly date: string
  /** Where the provider publishes the list. */
  readonly source: string
  /** How `rangesFrom` reads what is published there. */
  readonly format: 'cloudflare' | 'fastly' | 'lines'
}

/**
 * Snapshots of what well-known providers publish. They are there to start with: a provider adds
 * addresses, and clients behind those are taken for the provider until the copy is refreshed.
 * `lint` warns of rules with a snapshot over 180 days old. `scripts/refresh-providers.mjs`
 * writes new ones.
 */
export const providers = {
  cloudflare: {
    source: 'https://api.cloudflare.com/client/v4/ips',
    format: 'cloudflare',
    date: '2026-08-14',
    entries: [
      '173.245.48.0/20',
      '103.21.244.0/22',
      '103.22.200.0/22',
      '103.31.4.0/22',
      '141.101.64.0/18',
      '108.162.192.0/18',
      '190.93.240.0/20',
      '188.114.96.0/20',
      '197.234.240.0/22',
      '198.41.128.0/17',
      '162.158.0.0/15',
      '104.16.0.0/13',
      '104.24.0.0/14',
      '172.64.0.0/13',
      '131.0.72.0/22',
      '2400:cb00::/32',
      '2606:4700::/32',
      '2803:f800::/32',
      '2405:b500::/32',
      '2405:8100::/32',
      '2a06:98c0::/29',
      '2c0f:f248::/32',
    ],
  },
  fastly: {
    source: 'https://api.fastly.com/public-ip-list',
    format: 'fastly',
    date: '2024-01-01',
    entries: [
      '23.235.32.0/20',
      '43.249.72.0/22',
      '103.244.50.0/24',
      '103.245.222.0/23',
      '103.245.224.0/24',
      '104.156.80.0/20',
      '140.248.64.0/18',
      '140.248.128.0/17',
      '146.75.0.0/17',
      '151.101.0.0/16',
      '157.52.64.0/18',
      '167.82.0.0/17',
      '167.82.128.0/20',
      '167.82.160.0/20',
      '167.82.224.0/20',
      '172.111.64.0/18',
      '185.31.16.0/22',
      '199.27.72.0/21',
      '199.232.0.0/16',
      '2a04:4e40::/32',
      '2a04:4e42::/32',
    ],
  },
} as const satisfies Record<string, ProviderSnapshot>

/** Days after which a snapshot is old. */
export const SNAPSHOT_LIFETIME = 180

/** The snapshot that the entries come from, where they hold most of its prefixes. */
export function snapshotIn(entries: readonly string[]): [string, ProviderSnapshot] | undefined {
  const written = new Set(entries)
  return Object.entries<ProviderSnapshot>(providers).find(([, snapshot]) => {
    const held = snapshot.entries.filter((entry) => written.has(entry)).length
    return held * 2 > snapshot.entries.filter((entry) => entry.includes('.')).length
  })
}
