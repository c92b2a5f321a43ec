import { PeerSet, PrefixError } from '@truehop/ip'
import { show } from './checks.js'
import { PolicyError } from './error.js'
import { isLiveRanges, type LiveRanges, peersOf } from './peers.js'
import type { Hop } from './snapshot.js'

/** Validates a `from`, entry by entry. */
export function compileFrom(from: unknown, path: string): Pick<Hop, 'from' | 'entries'> {
  if (from === undefined) {
    throw new PolicyError(
      'missing-from',
      path,
      "says which addresses the hop may have; write ['10.0.0.0/8'], or ['any'] to trust every peer",
    )
  }
  if (typeof from === 'number') {
    throw new PolicyError(
      'bad-from',
      path,
      `must be a list of addresses, not the number ${show(from)}; a count of proxies is depth: write ['10.0.0.0/8'] here and depth: ${from > 0 ? show(from) : 1} beside it`,
    )
  }
  if (!Array.isArray(from)) {
    throw new PolicyError(
      'bad-from',
      path,
      `must be a list, not ${show(from)}; write ['10.0.0.0/8', 'loopback'], or ['any'] to trust every peer`,
    )
  }
  const entries = Array.from(from, (entry: unknown, index) =>
    compileEntry(entry, `${path}[${index}]`),
  )
  return { from: peersOf(entries), entries: Object.freeze(entries) }
}

function compileEntry(entry: unknown, path: string): string | LiveRanges {
  if (isLiveRanges(entry)) return entry
  if (typeof entry !== 'string') {
    throw new PolicyError('bad-from', path, `must be text, not ${show(entry)}; write '10.0.0.0/8'`)
  }
  try {
    PeerSet.from([entry])
    return entry
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    throw new PolicyError(error.code, path, error.message)
  }
}

/** What the prefix sets have to remark about entries written by hand. */
export function warningsOf({ entries }: Hop): readonly string[] {
  return PeerSet.from(entries.filter((entry) => typeof entry === 'string')).warnings
}
