import { PeerSet, PrefixError } from '@truehop/ip'
import { correctedPrefix } from '@truehop/ip/internal'
import { type Report, show } from '@truehop/options'
import { isLiveRanges, type LiveRanges } from './peers.js'
import type { Hop } from './snapshot.js'

type Entry = string | LiveRanges

/** The valid entries of a `from`; what is wrong with the others is reported, one by one. */
export function readFrom(from: unknown, path: string, report: Report): readonly Entry[] {
  if (Array.isArray(from)) {
    // `Array.from` rather than `map`, which skips holes.
    return Array.from(from, (entry: unknown, i) => readEntry(entry, `${path}[${i}]`, report)).flat()
  }
  report({ path, code: 'bad-from', message: `must be an array, got ${show(from)}; ${mend(from)}` })
  return []
}

/** A number is a count of proxies to other libraries. */
function mend(from: unknown): string {
  if (typeof from !== 'number') {
    return "write ['10.0.0.0/8', 'loopback'], or ['any'] to trust every peer"
  }
  const depth = from > 0 ? show(from) : 1
  return `a count of proxies is depth: write ['10.0.0.0/8'] here, and add depth: ${depth}`
}

function readEntry(entry: unknown, path: string, report: Report): Entry[] {
  if (isLiveRanges(entry)) return [entry]
  if (typeof entry !== 'string') {
    const message = `must be a string, got ${show(entry)}; write '10.0.0.0/8'`
    report({ path, code: 'bad-from', message })
    return []
  }
  try {
    PeerSet.from([entry])
    return [entry]
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    const instead = correctedPrefix(entry)
    const correction = instead === undefined ? undefined : { written: entry, instead }
    report({ path, code: error.code, message: error.message, correction })
    return []
  }
}

/** The prefix sets' warnings about entries written by hand. */
export function warningsOf({ entries }: Hop): readonly string[] {
  return PeerSet.from(entries.filter((entry) => typeof entry === 'string')).warnings
}
