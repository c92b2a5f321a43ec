import type { Meter } from '@opentelemetry/api'
import type { Metrics } from '@truehop/ip/internal'
import type { Policy } from '../policy/policy.js'
import { all, type Observed, readObserved } from './observed.js'
import { Observer } from './observer.js'
import { policyMetrics } from './policy-metrics.js'
import { receiverMetrics } from './receiver-metrics.js'

/**
 * Makes OpenTelemetry instruments for what is observed. docs/metrics.md lists them and their
 * attributes, none of which has a value that a client can make up.
 *
 * Returns a function that ends the observation.
 *
 * @throws {ObserveError} for a member that is unknown, or that cannot be observed.
 */
export function observe(meter: Meter, observed: Observed): () => void {
  const { policy, servers, limiters, lists, audit, inspectors } = readObserved(observed)
  const ofPolicies = new Map<Policy, Metrics>()
  const ofServers = servers === undefined ? [] : [receiverMetrics(all(servers))]
  const observer = new Observer(meter, () => {
    const metered = [limiters, lists, audit, inspectors].flatMap((given) => [...all(given)])
    const policies = [...all(policy)].map((each) => metricsOf(each, ofPolicies))
    return new Set([...policies, ...ofServers, ...metered.flatMap(({ metrics }) => metrics)])
  })
  return () => observer.stop()
}

function metricsOf(policy: Policy, known: Map<Policy, Metrics>): Metrics {
  const metrics = known.get(policy) ?? policyMetrics(policy)
  known.set(policy, metrics)
  return metrics
}
