import { describe, expect, test, vi } from 'vitest'
import { type Collapse, CollapseAlarm } from '../../src/alarm/collapse-alarm.js'
import { definePolicy, type HopsOptions, resolve } from '../../src/index.js'
import { COLLAPSED, HEALTHY, OBVIOUS, type Request, visitor } from './situations.js'

/** What the alarm says after so many requests under the policy. */
function alarmsAfter(
  count: number,
  hops: HopsOptions['hops'],
  request: (n: number) => Request,
): Collapse[] {
  const policy = definePolicy({ hops })
  const raised: Collapse[] = []
  const alarm = new CollapseAlarm(
    (collapse) => raised.push(collapse),
    () => 0,
  )
  for (let n = 0; n < count; n++) {
    const evidence = { proxyHeaders: [], ...request(n) }
    alarm.observe(resolve(policy, evidence), evidence)
  }
  return raised
}

describe('the alarm for a policy that does not fit its surroundings', () => {
  test.each(COLLAPSED)('is raised within 200 requests: %s', (_name, policy, request, advice) => {
    const raised = alarmsAfter(200, policy, request)
    expect(raised.map(({ kind }) => kind)).toHaveLength(1)
    expect(raised[0]?.advice).toMatch(advice)
    expect(raised[0]?.seen['decisions']).toBe(200)
  })

  test.each(HEALTHY)('is not raised by %s', (_name, policy, request) => {
    expect(alarmsAfter(2000, policy, request)).toEqual([])
  })

  test('is raised when trusted peers stop to send their header, and visitors still come', () => {
    const agents = (n: number) => ({ 'user-agent': `Browser/${n % 30}` })
    const raised = alarmsAfter(600, OBVIOUS, (n) => ({
      peer: `10.0.0.${5 + (n % 3)}`,
      headers: n < 300 ? { 'x-forwarded-for': visitor(n), ...agents(n) } : agents(n),
    }))
    expect(raised.map(({ kind, rule }) => [kind, rule])).toEqual([['header-stopped', 'hop-1']])
  })

  test('is not raised at night, when only health checks come', () => {
    const raised = alarmsAfter(800, OBVIOUS, (n) => ({
      peer: '10.0.0.5',
      headers: n < 300 ? { 'x-forwarded-for': visitor(n) } : { 'user-agent': 'kube-probe/1.33' },
    }))
    expect(raised).toEqual([])
  })

  test('is raised once, however long it goes on', () => {
    expect(alarmsAfter(5000, OBVIOUS, () => ({ peer: '172.17.0.1' }))).toHaveLength(1)
  })

  test('is raised again after an hour, though the clock was set back by a day', () => {
    vi.useFakeTimers({ now: 1_000_000_000 })
    try {
      const policy = definePolicy({ hops: OBVIOUS })
      const raised: Collapse[] = []
      const alarm = new CollapseAlarm((collapse) => raised.push(collapse))
      const evidence = { peer: '172.17.0.1', proxyHeaders: [] }
      const window = () => {
        for (let n = 0; n < 200; n++) alarm.observe(resolve(policy, evidence), evidence)
      }
      window()
      vi.setSystemTime(1_000_000_000 - 86_400_000)
      window()
      expect(raised).toHaveLength(1)
      vi.advanceTimersByTime(3_600_001)
      window()
      expect(raised).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([
    ['text of a megabyte', 'x'.repeat(1_000_000)],
    ['a hundred thousand elements', '1.1.1.1,'.repeat(100_000)],
    ['nothing but commas', ','.repeat(100_000)],
    ['an unclosed bracket', '[2001:db8::1, 203.0.113.9'],
  ])('takes %s', (_name, text) => {
    expect(
      alarmsAfter(201, OBVIOUS, () => ({
        peer: '203.0.113.9',
        headers: { 'x-forwarded-for': text },
      })),
    ).toEqual([])
  })
})
