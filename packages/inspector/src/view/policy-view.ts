import {
  type Hop,
  type LiveRanges,
  lint,
  type Policy,
  type PolicySnapshot,
} from '@truehop/identity'
import { answersView } from './answers-view.js'
import type { FindingView, HopView, LiveRangesView, PolicyView } from './view.js'

/** Entries of one rule that are shown. */
const MAX_ENTRIES = 40

export function policyView(policy: Policy): PolicyView {
  const { current } = policy
  const { version, since } = policy.status()
  const { maxHops, onConflict, proxyProtocol } = current
  return {
    version,
    since,
    maxHops,
    onConflict,
    proxyProtocol: proxyProtocol && {
      direct: proxyProtocol.direct ?? 'reject',
      optional: proxyProtocol.optional ?? false,
    },
    hops: current.hops.map(hopView),
    answers: answersView(policy, MAX_ENTRIES),
    findings: findingsOf(policy),
  }
}

function hopView({ name, asserts, depth, required, entries }: Hop): HopView {
  const fixed = entries.filter((entry) => typeof entry === 'string')
  const from = fixed.slice(0, MAX_ENTRIES)
  const ranges = entries.filter((entry) => typeof entry !== 'string').map(rangesView)
  return { name, asserts, depth, required, from, more: fixed.length - from.length, ranges }
}

function rangesView(ranges: LiveRanges): LiveRangesView {
  return { ...ranges.status(), from: firstOf(ranges.entries?.() ?? []) }
}

/** A feed may have a million. */
function firstOf(entries: Iterable<string>): string[] {
  const first: string[] = []
  for (const entry of entries) {
    if (first.length === MAX_ENTRIES) break
    first.push(entry)
  }
  return first
}

const findings = new WeakMap<PolicySnapshot, readonly FindingView[]>()

/** Looked for once in each version of a policy: there may be many prefixes to compare. */
function findingsOf(policy: Policy): readonly FindingView[] {
  const known = findings.get(policy.current)
  if (known !== undefined) return known
  const found = lint(policy)
  findings.set(policy.current, found)
  return found
}
