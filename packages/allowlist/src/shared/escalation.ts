import type { Prefix } from '@truehop/ip'
import type { Change } from './entries-store.js'
import type { KnownEntries } from './known-entries.js'
import { latest, type PlacedEntry, placed } from './shared-entry.js'

/**
 * The changes by which entries in a network that has as many as it takes become the network's; none
 * if the one that was added did not fill it. The network's stands last.
 */
export function escalated(known: KnownEntries, added: PlacedEntry, by: string): Change[] {
  if (known.outbox.isFull) return []
  const now = performance.now()
  const network = known.held.fullAround(added.prefix, now)
  if (network === undefined) return []
  const { prefix, inside } = network
  const before = known.held.get(prefix, now)
  const expires = latest([before, ...inside.map(({ held }) => held)])
  const note = `${inside.length} entries in ${prefix.text}`
  const whole = placed(prefix, { expires, note, by, added: now })
  const parts = inside.map((each) => partOf(prefix, each.prefix, by))
  return [...parts, { kind: 'add', entry: whole }]
}

function partOf(whole: Prefix, prefix: Prefix, by: string): Change {
  const note = `part of ${whole.text} now`
  const removed = { expires: undefined, note, by, added: performance.now() }
  return { kind: 'remove', entry: placed(prefix, removed) }
}
