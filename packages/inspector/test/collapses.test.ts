import { channel } from 'node:diagnostics_channel'
import { type CollapsedMessage, definePolicy, type Policy } from '@truehop/identity'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Recorder } from '../src/record/recorder.js'

const HOUR = 3_600_000
let policy: Policy
let recorder: Recorder
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
  recorder = new Recorder({ address: 'full', keep: 50 })
})
afterEach(() => {
  recorder.close()
  vi.useRealTimers()
})

const raise = (more: Partial<CollapsedMessage> = {}): void =>
  channel('truehop.identity.collapsed').publish({
    policy,
    kind: 'one-for-many',
    client: '203.0.113.33',
    rule: 'hop-1',
    seen: { decisions: 200, clients: 1, others: 187 },
    advice: "write { platform: 'fly' } for what is in front, see docs/platforms",
    ...more,
  })

test('an alarm is kept with what was seen, what to add and since when', () => {
  raise()
  vi.advanceTimersByTime(HOUR)
  const { changes } = recorder
  raise({ client: '203.0.113.34' })
  expect(recorder.changes).toBe(changes + 1)
  expect(recorder.collapses(policy, Date.now())).toEqual([
    {
      kind: 'one-for-many',
      since: 1_000_000,
      last: 1_000_000 + HOUR,
      client: '203.0.113.34',
      rule: 'hop-1',
      seen: { decisions: 200, clients: 1, others: 187 },
      advice: "write { platform: 'fly' } for what is in front, see docs/platforms",
    },
  ])
})

test('each kind is kept once, and that of another policy apart', () => {
  const other = definePolicy({ hops: [] })
  raise()
  raise()
  raise({ kind: 'infrastructure' })
  raise({ policy: other, kind: 'header-stopped' })
  const kinds = (of: Policy) => recorder.collapses(of, Date.now()).map(({ kind }) => kind)
  expect(kinds(policy)).toEqual(['one-for-many', 'infrastructure'])
  expect(kinds(other)).toEqual(['header-stopped'])
})

test('an alarm goes with the policy that it was about', () => {
  raise()
  policy.replace({ platform: 'fly' })
  expect(recorder.collapses(policy, Date.now())).toEqual([])
  raise()
  expect(recorder.collapses(policy, Date.now())).toMatchObject([{ since: Date.now() }])
})

test('an alarm goes where it is not raised again', () => {
  raise()
  vi.advanceTimersByTime(2 * HOUR)
  expect(recorder.collapses(policy, Date.now())).toEqual([])
})

test('the client is masked as everywhere', () => {
  recorder.close()
  recorder = new Recorder({ address: 'truncated', keep: 50 })
  raise()
  expect(recorder.collapses(policy, Date.now())).toMatchObject([{ client: '203.0.113.0' }])
})
