import type { ProviderSnapshot } from './provider-snapshot.js'
import { akamaiRanges } from './snapshots/akamai.js'
import { azureFrontDoorRanges } from './snapshots/azure-front-door.js'
import { bunnyRanges } from './snapshots/bunny.js'
import { cloudflareRanges } from './snapshots/cloudflare.js'
import { cloudfrontRanges } from './snapshots/cloudfront.js'
import { fastlyRanges } from './snapshots/fastly.js'
import { googleFrontEndsRanges } from './snapshots/google-front-ends.js'

/**
 * Snapshots of what well-known providers publish. They are a starting point: a provider adds
 * addresses, and clients behind those count as the provider until the copy is refreshed. `lint`
 * warns of rules with a snapshot over 180 days old. `scripts/refresh-providers.mjs` writes new
 * ones.
 */
export const providers = {
  akamai: akamaiRanges,
  'azure-front-door': azureFrontDoorRanges,
  bunny: bunnyRanges,
  cloudflare: cloudflareRanges,
  cloudfront: cloudfrontRanges,
  fastly: fastlyRanges,
  'google-front-ends': googleFrontEndsRanges,
} as const satisfies Record<string, ProviderSnapshot>

/** Days after which a snapshot is old. */
export const SNAPSHOT_LIFETIME = 180

/** The snapshot that the entries come from, if they contain most of its prefixes. */
export function snapshotIn(entries: readonly string[]): [string, ProviderSnapshot] | undefined {
  const written = new Set(entries)
  return Object.entries<ProviderSnapshot>(providers).find(([, snapshot]) => {
    const held = snapshot.entries.filter((entry) => written.has(entry)).length
    return held * 2 > snapshot.entries.filter((entry) => entry.includes('.')).length
  })
}
