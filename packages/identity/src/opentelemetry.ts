import type { Attributes, Meter, Observable, ObservableCounter } from '@opentelemetry/api'
import type { Policy } from './policy/policy.js'

export { observeReceivers, type Receiver } from './observe-receivers.js'

/**
 * Metrics of a policy, as OpenTelemetry instruments. Every attribute has a bounded set of values.
 *
 * | instrument | attributes | counts |
 * | --- | --- | --- |
 * | `truehop.identity.resolved` | `truehop.identity.reason` | clients named |
 * | `truehop.identity.undetermined` | `truehop.identity.reason` | requests without an identity |
 * | `truehop.identity.untrusted_claims` | `truehop.identity.source` | claims by untrusted peers |
 * | `truehop.identity.conflicts` | `truehop.identity.source` | contradicting evidence |
 * | `truehop.identity.collapsed` | `truehop.identity.kind` | alarms: the policy does not fit |
 * | `truehop.identity.differences` | | other clients by `trust proxy`, in shadow mode |
 * | `truehop.identity.chain_length` | `truehop.identity.hops` | identities by entries read |
 * | `truehop.policy.version` | | replacements so far, and one |
 * | `truehop.ranges.age` (s) | `truehop.ranges.name` | age of live ranges |
 * | `truehop.ranges.stale` | `truehop.ranges.name` | 1 where they are older than they should get |
 * | `truehop.ranges.size` | `truehop.ranges.name` | prefixes in force |
 *
 * Returns a function that ends the observation.
 */
export function observePolicy(policy: Policy, meter: Meter): () => void {
  const counters = observeCounts(policy, meter)
  const gauges = observeStatus(policy, meter)
  return () => {
    counters()
    gauges()
  }
}

function observeCounts(policy: Policy, meter: Meter): () => void {
  const counter = (name: string, description: string) =>
    meter.createObservableCounter(`truehop.identity.${name}`, { description })
  const resolved = counter('resolved', 'Clients named')
  const undetermined = counter('undetermined', 'Requests without an identity')
  const claims = counter('untrusted_claims', 'Claims by peers that no rule trusts')
  const conflicts = counter('conflicts', 'Contradicting evidence')
  const collapses = counter('collapsed', 'Alarms that the policy does not fit its surroundings')
  const lengths = counter('chain_length', 'Identities by entries read')
  const differences = counter('differences', 'Clients that trust proxy names otherwise')
  const all = [resolved, undetermined, claims, conflicts, collapses, differences, lengths]
  return observe(meter, all, (result) => {
    const counts = policy.counters.snapshot()
    const report = (of: ObservableCounter, key: string, values: object) => {
      for (const [label, value] of Object.entries(values)) {
        if (value > 0) result.observe(of, value, { [`truehop.identity.${key}`]: label })
      }
    }
    report(resolved, 'reason', counts.resolved)
    report(undetermined, 'reason', counts.undetermined)
    report(claims, 'source', counts.untrustedClaims)
    report(conflicts, 'source', counts.conflicts)
    report(collapses, 'kind', counts.collapses)
    report(lengths, 'hops', counts.chainLengths)
    if (counts.differences > 0) result.observe(differences, counts.differences)
  })
}

function observeStatus(policy: Policy, meter: Meter): () => void {
  const version = meter.createObservableGauge('truehop.policy.version')
  const age = meter.createObservableGauge('truehop.ranges.age', { unit: 's' })
  const stale = meter.createObservableGauge('truehop.ranges.stale')
  const size = meter.createObservableGauge('truehop.ranges.size')
  return observe(meter, [version, age, stale, size], (result) => {
    const status = policy.status()
    result.observe(version, status.version)
    for (const ranges of status.hops.flatMap((hop) => hop.ranges)) {
      const attributes = { 'truehop.ranges.name': ranges.name }
      result.observe(age, (Date.now() - ranges.updatedAt) / 1000, attributes)
      result.observe(stale, ranges.stale ? 1 : 0, attributes)
      result.observe(size, ranges.size, attributes)
    }
  })
}

interface Result {
  observe(of: Observable, value: number, attributes?: Attributes): void
}

function observe(
  meter: Meter,
  instruments: Observable[],
  report: (result: Result) => void,
): () => void {
  meter.addBatchObservableCallback(report, instruments)
  return () => meter.removeBatchObservableCallback(report, instruments)
}
