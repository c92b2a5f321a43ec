import { expect, test } from 'vitest'
import { fleetRows } from '../page/row.js'
import type { DecisionView, Snapshot } from '../src/view/view.js'

const outcome = {
  status: 'resolved',
  reason: 'peer-untrusted',
  source: 'peer',
  client: '192.0.2.1',
} as const
const decision: DecisionView = {
  id: 1,
  changed: 1,
  at: 1,
  method: 'GET',
  path: '/cart',
  walk: { steps: [], omitted: 0, outcome, ignored: [], conflicts: [] },
  verdicts: [],
}
const snapshot: Snapshot = {
  snapshot: 1,
  now: 1,
  instance: { id: 'a', name: 'host 1', startedAt: 1 },
  address: 'full',
  keep: 200,
  bucketMs: 5000,
  passedOver: 0,
  policy: {
    version: 1,
    since: 1,
    maxHops: 16,
    onConflict: 'ignore',
    hops: [],
    answers: [],
    findings: [],
  },
  history: [],
  collapses: [],
  decisions: [decision],
  anomalies: [],
  activity: [],
  clients: [],
}

test('a decision of a fleet is sent again to the instance that made it, not to where the page is', () => {
  const url = 'https://a.example.com:8443/ops/_truehop/'
  expect(fleetRows(url, 'a', snapshot)).toMatchObject([
    { key: 'a.1', instance: 'a', base: 'https://a.example.com:8443/' },
  ])
})
