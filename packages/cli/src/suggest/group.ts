import type { Evidence } from '@truehop/identity'
import { CLAIMS, hasEvidence, isProbe } from './headers.js'
import type { PeerKind, PeerKinds } from './peer-kind.js'
import type { PeerReport } from './proposal.js'

/** The requests that peers of one kind made. */
export interface Group {
  readonly kind: PeerKind
  readonly peers: ReadonlySet<string>
  /** Without those of health checkers. */
  readonly samples: readonly Evidence[]
  readonly probes: number
}

/** The sample by kind of peer, the largest group first. Evidence without a peer is left out. */
export function groupsOf(samples: readonly Evidence[], kinds: PeerKinds): Group[] {
  const groups = new Map<
    string,
    { kind: PeerKind; peers: Set<string>; samples: Evidence[]; probes: number }
  >()
  for (const evidence of samples) {
    if (evidence.peer === undefined) continue
    const kind = kinds.of(evidence.peer)
    const key = `${kind.is} ${kind.id}`
    const group = groups.get(key) ?? { kind, peers: new Set(), samples: [], probes: 0 }
    groups.set(key, group)
    if (isProbe(evidence)) {
      group.probes++
      continue
    }
    group.peers.add(evidence.peer)
    group.samples.push(evidence)
  }
  return [...groups.values()].sort((a, b) => b.samples.length - a.samples.length)
}

export function countWith(samples: readonly Evidence[], asserts: string): number {
  return samples.filter((evidence) => hasEvidence(evidence, asserts)).length
}

/** What is on every request: a hop that writes a header writes it each time. */
export function isAlways(samples: readonly Evidence[], asserts: string): boolean {
  return samples.length > 0 && samples.every((evidence) => hasEvidence(evidence, asserts))
}

const EXAMPLES = 5

export function reportOf({ kind, peers, samples, probes }: Group): PeerReport {
  return {
    kind: kind.is,
    range: kind.id,
    peers: peers.size,
    examples: [...peers].slice(0, EXAMPLES),
    requests: samples.length,
    probes,
    headers: CLAIMS.map((header) => ({ header, requests: countWith(samples, header) })).filter(
      ({ requests }) => requests > 0,
    ),
  }
}

/** A group in words: `10.0.1.4 and 2 more (10.0.0.0/8)`. */
export function nameOf({ kind, peers }: Group): string {
  const [first = kind.id] = peers
  const more = peers.size > 1 ? ` and ${peers.size - 1} more` : ''
  const range = kind.is === 'private' ? ` (${kind.id})` : ''
  return `${first}${more}${range}`
}
