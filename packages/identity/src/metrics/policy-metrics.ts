import type { Instrument, Metrics, Reading } from '@truehop/ip/internal'
import type { CollapseKind } from '../alarm/collapse-alarm.js'
import type { Policy } from '../policy/policy.js'

function counter(name: string, unit: string, description: string): Instrument {
  return { name: `truehop.identity.${name}`, kind: 'counter', unit, description }
}

const RESOLVED = counter('resolved', '{request}', 'Clients named')
const UNDETERMINED = counter('undetermined', '{request}', 'Requests without an identity')
const CLAIMS = counter('untrusted_claims', '{claim}', 'Claims by peers that no rule trusts')
const CONFLICTS = counter('conflicts', '{conflict}', 'Contradicting evidence')
const COLLAPSES = counter('collapsed', '{alarm}', 'Alarms that the policy does not fit')
const LENGTHS = counter('chain_length', '{request}', 'Identities by entries read')
const DIFFERENCES = counter(
  'differences',
  '{request}',
  'Requests for which trust proxy names another client',
)

function gauge(name: string, unit: string, description: string): Instrument {
  return { name: `truehop.${name}`, kind: 'gauge', unit, description }
}

const VERSION = gauge(
  'policy.version',
  '1',
  'Version of the policy: its replacements so far, plus one',
)
const AGE = gauge('ranges.age', 's', 'Time since live ranges were last known to be current')
const STALE = gauge('ranges.stale', '1', '1 if ranges are older than they should be, otherwise 0')
const SIZE = gauge('ranges.size', '{prefix}', 'Prefixes in force')

/** What was decided under a policy, and what is in force of it. */
export function policyMetrics(policy: Policy): Metrics {
  return {
    instruments: [
      ...[RESOLVED, UNDETERMINED, CLAIMS, CONFLICTS, COLLAPSES, LENGTHS, DIFFERENCES],
      ...[VERSION, AGE, STALE, SIZE],
    ],
    *read() {
      yield* countsOf(policy)
      yield* statusOf(policy)
    },
  }
}

/** Shown from the start: a counter that begins with 1 never rises, to an alert rule. */
const NO_COLLAPSES: Readonly<Record<CollapseKind, number>> = {
  'one-for-many': 0,
  infrastructure: 0,
  'header-stopped': 0,
}

function* countsOf(policy: Policy): Iterable<Reading> {
  const counts = policy.counters.snapshot()
  yield* labelled(RESOLVED, 'reason', counts.resolved)
  yield* labelled(UNDETERMINED, 'reason', counts.undetermined)
  yield* labelled(CLAIMS, 'source', counts.untrustedClaims)
  yield* labelled(CONFLICTS, 'source', counts.conflicts)
  for (const [kind, count] of Object.entries({ ...NO_COLLAPSES, ...counts.collapses })) {
    yield [COLLAPSES, count, { 'truehop.identity.kind': kind }]
  }
  yield* labelled(LENGTHS, 'hops', counts.chainLengths)
  if (counts.differences > 0) yield [DIFFERENCES, counts.differences]
}

function* labelled(of: Instrument, key: string, values: object): Iterable<Reading> {
  for (const [label, value] of Object.entries(values)) {
    if (value > 0) yield [of, value, { [`truehop.identity.${key}`]: label }]
  }
}

function* statusOf(policy: Policy): Iterable<Reading> {
  const { version, hops } = policy.status()
  yield [VERSION, version]
  for (const { name, updatedAt, stale, size } of hops.flatMap(({ ranges }) => ranges)) {
    const attributes = { 'truehop.ranges.name': name }
    yield [AGE, (Date.now() - updatedAt) / 1000, attributes]
    yield [STALE, stale ? 1 : 0, attributes]
    yield [SIZE, size, attributes]
  }
}
