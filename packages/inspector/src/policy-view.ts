import { type Hop, lint, type Policy, type PolicySnapshot } from '@truehop/identity'
import type { FindingView, HopView, PolicyView } from './view.js'

/** Entries of one rule that are shown. */
const MAX_ENTRIES = 40

export function policyView(policy: Policy): PolicyView {
  const { current } = policy
  const { version, since, hops } = policy.status()
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
    hops: current.hops.map((hop, index) => ({
      ...hopView(hop),
      ranges: hops[index]?.ranges ?? [],
    })),
    findings: findingsOf(policy),
  }
}

function hopView({ name, asserts, depth, required, entries }: Hop): Omit<HopView, 'ranges'> {
  const fixed = entries.filter((entry) => typeof entry === 'string')
  const from = fixed.slice(0, MAX_ENTRIES)
  return { name, asserts, depth, required, from, more: fixed.length - from.length }
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
