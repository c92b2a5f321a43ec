import { expect, test } from 'vitest'
import { findPeer } from '../peers/harness/peer.js'
import { soak } from './soak.js'

/** The short form of `pnpm soak`: long enough for a frozen Redis and several replacements. */
const SECONDS = 10

test('hostile traffic, outages and replacements change no identity and lose no byte', async () => {
  const redis = findPeer('redis')
  const report = await soak({ seconds: SECONDS, seed: 7, clients: 8, redis })
  expect(report.wrong).toEqual([])
  expect(report.unhandled).toEqual([])
  for (const count of ['answered', 'refused', 'resets', 'bytes', 'brokenLists'] as const) {
    expect(report[count], count).toBeGreaterThan(0)
  }
  expect(report.policiesReplaced).toBeGreaterThan(0)
  expect(report.policiesRefused).toBe(report.policiesReplaced)
  if (redis !== undefined) expect(report.redisOutages).toBeGreaterThan(0)
  expect(report.stopped.handles['TCPServerWrap']).toBeUndefined()
  expect(report.stopped.handles['TCPSocketWrap']).toBeUndefined()
})
