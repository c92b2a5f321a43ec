import type { DenyList } from '../limits/options.js'
import type { BanMessage } from './channels.js'

/** Seconds: ten years, the longest that a list takes. */
const LONGEST = 315_360_000

/** Enters a ban into a deny list, until it ends. */
export function enterBan(list: DenyList, { key, limit, seconds }: BanMessage): unknown {
  const ttl = Math.max(1, Math.min(seconds, LONGEST))
  return list.add(key, { ttl, note: `exceeded rate limit "${limit}"` })
}
