import { describe, expect, test } from 'vitest'
import { readSnapshot } from '../src/fleet/read-snapshot.js'
import type { Snapshot } from '../src/view/view.js'

const SNAPSHOT: Snapshot = {
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
  collapses: [
    { kind: 'infrastructure', since: 1, last: 1, seen: { decisions: 200 }, advice: 'trust it' },
  ],
  decisions: [],
  anomalies: [],
  activity: [],
  clients: [{ client: '198.51.100.7', requests: 1, refused: 0 }],
}

function collapsed(collapse: object): unknown {
  return { ...SNAPSHOT, collapses: [{ ...SNAPSHOT.collapses[0], ...collapse }] }
}

describe('a snapshot that somebody sent', () => {
  test('is read as it is', () => {
    expect(readSnapshot(JSON.parse(JSON.stringify(SNAPSHOT)))).toEqual(SNAPSHOT)
  })

  test.each([null, 1, 'x', [], {}, { ...SNAPSHOT, snapshot: 2 }, { ...SNAPSHOT, decisions: {} }])(
    'is nothing if it is not one: %j',
    (value) => {
      expect(readSnapshot(value)).toBeUndefined()
    },
  )

  test.each([{ x: null }, { x: '1' }, { x: { y: 1 } }, { x: 1e300 }, [1], null])(
    'has numbers where the page writes numbers: %j',
    (seen) => {
      expect(readSnapshot(collapsed({ seen }))).toBeUndefined()
    },
  )

  test('keeps no member that the page does not know, so that writing it out cannot fail', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    const read = readSnapshot({ ...SNAPSHOT, deep, instance: { ...SNAPSHOT.instance, deep } })
    expect(read).toEqual(SNAPSHOT)
    expect(() => JSON.stringify(read)).not.toThrow()
  })

  test('has texts of a length that a page can break into lines, and few figures', () => {
    const clients = [{ client: ':'.repeat(1_000_000), requests: 1, refused: 0 }]
    expect(readSnapshot({ ...SNAPSHOT, clients })?.clients[0]?.client).toHaveLength(4096)
    const seen = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`a${i}`, i]))
    const read = readSnapshot(collapsed({ seen }))
    expect(Object.keys(read?.collapses[0]?.seen ?? {})).toHaveLength(16)
  })
})
