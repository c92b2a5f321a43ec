import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Activity, BUCKET_MS } from '../src/record/activity.js'
import { Budget } from '../src/record/budget.js'
import { ClientTable } from '../src/record/client-table.js'
import { Ring } from '../src/record/ring.js'
import { maskFor, networkMaskFor } from '../src/view/address-mask.js'

const NOW = 1_700_000_000_000

describe('the ring', () => {
  test('holds the last values in their order, and no more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 8 }), (values, capacity) => {
        const ring = new Ring<number>(capacity)
        for (const value of values) ring.add(value)
        expect(ring.values()).toEqual(values.slice(-capacity))
      }),
    )
  })

  test('holds what a list would where values are removed in between', () => {
    const step = fc.record({ adds: fc.boolean(), value: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 8 }), (steps, capacity) => {
        const ring = new Ring<number>(capacity)
        let list: number[] = []
        for (const { adds, value } of steps) {
          if (adds) ring.add(value)
          else ring.remove(value)
          list = adds ? [...list, value].slice(-capacity) : list.filter((held) => held !== value)
          expect(ring.values()).toEqual(list)
        }
      }),
    )
  })
})

describe('the budget', () => {
  test('allows a fixed number in each second', () => {
    const budget = new Budget(3)
    const taken = [0, 0, 1, 999, 999, 1000, 1999].map((ms) => budget.take(NOW + ms))
    expect(taken).toEqual([true, true, true, false, false, true, true])
  })
})

describe('activity', () => {
  test('counts by time, and forgets what is older than ten minutes', () => {
    const activity = new Activity()
    for (let i = 0; i < 1000; i++) activity.countResolved(NOW + i * BUCKET_MS)
    activity.countAnomaly('refused', NOW + 999 * BUCKET_MS)
    const view = activity.view(NOW + 999 * BUCKET_MS)
    expect(view).toHaveLength(120)
    expect(view.at(-1)).toMatchObject({ resolved: 1, anomalies: { refused: 1, conflict: 0 } })
  })

  test('returns only what is newer than asked for', () => {
    const activity = new Activity()
    for (let i = 0; i < 10; i++) activity.countResolved(NOW + i * BUCKET_MS)
    const since = NOW + 8 * BUCKET_MS
    expect(activity.view(since, since).map(({ at }) => at)).toEqual([since, since + BUCKET_MS])
  })

  test('goes on counting when the clock is set back', () => {
    const activity = new Activity()
    activity.countResolved(NOW)
    activity.countResolved(NOW - 60_000)
    expect(activity.view(NOW)).toMatchObject([{ at: NOW, resolved: 2 }])
  })
})

describe('the clients', () => {
  const plain = (client: string) => client
  const standing = (limit: number, remaining: number, name = 'default') => ({
    quota: { name, limit },
    remaining,
    msLeft: 60_000,
  })

  test('stay limited in number, and a flood of new ones does not push out those who ask often', () => {
    const table = new ClientTable()
    for (let i = 0; i < 5000; i++) table.countRequest('often')
    for (let i = 0; i < 3000; i++) table.countRequest(`once ${i}`)
    expect(table.size).toBeLessThanOrEqual(1024)
    expect(table.top(1, NOW, plain)).toMatchObject([{ client: 'often' }])
  })

  test('come nearest to a limit first, then by requests', () => {
    const table = new ClientTable()
    for (const client of ['idle', 'busy', 'busy', 'near']) table.countRequest(client)
    table.countDecision('near', true, [standing(10, 9, 'wide'), standing(10, 2)], NOW)
    expect(table.top(9, NOW, plain)).toEqual([
      {
        client: 'near',
        requests: 1,
        refused: 0,
        limit: { name: 'default', limit: 10, remaining: 2, resetsAt: NOW + 60_000 },
      },
      { client: 'busy', requests: 2, refused: 0, limit: undefined },
      { client: 'idle', requests: 1, refused: 0, limit: undefined },
    ])
  })

  test('have no standing once the window is over', () => {
    const table = new ClientTable()
    table.countDecision('a', false, [standing(10, 0)], NOW)
    expect(table.top(1, NOW + 60_001, plain)).toMatchObject([{ refused: 1, limit: undefined }])
  })

  test('that are shown as one are one', () => {
    const table = new ClientTable()
    table.countRequest('198.51.100.7')
    table.countRequest('198.51.100.9')
    table.countDecision('198.51.100.9', true, [standing(4, 1)], NOW)
    for (const client of ['2001:db8:1:2::/64', '2001:db8:1:3::/64']) table.countRequest(client)
    expect(table.top(9, NOW, networkMaskFor('truncated'))).toMatchObject([
      { client: '198.51.100.0/24', requests: 2, limit: { remaining: 1 } },
      { client: '2001:db8:1::/48', requests: 2 },
    ])
  })
})

describe('masking', () => {
  test.each([
    ['198.51.100.7', '198.51.100.0/24'],
    ['198.51.100.128/25', '198.51.100.0/24'],
    ['198.51.96.0/20', '198.51.96.0/20'],
    ['2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2002:c633:6407::/48', '2002:c633:6400::/40'],
    ['not known', 'not known'],
  ])('shows the network %s as %s', (network, shown) => {
    expect(networkMaskFor('truncated')(network)).toBe(shown)
    expect(networkMaskFor('full')(network)).toBe(network)
  })

  test.each([
    ['198.51.100.7', '198.51.100.0'],
    ['2001:db8:1:2::9', '2001:db8:1::'],
    [
      'v2 PROXY INET STREAM 198.51.100.7:4711 > 10.0.0.5:443',
      'v2 PROXY INET STREAM 198.51.100.0 > 10.0.0.0',
    ],
    ['for="[2001:db8:1:2::9]:4711"', 'for="[2001:db8:1::]"'],
    ['unknown', 'unknown'],
    // An IPv4 address inside: NAT64, 6to4, Teredo, IPv4-compatible, mapped.
    ['64:ff9b::198.51.100.7', '64:ff9b::'],
    ['2002:c633:6407:1::9', '2002:c633:6400::'],
    ['2001:0:c633:6407::39cc:9bf8', '2001:0:c633::'],
    ['::198.51.100.7', '::'],
    ['::ffff:198.51.100.7', '198.51.100.0'],
  ])('cuts %s to the network that the access log shows, without its port', (text, shown) => {
    expect(maskFor('truncated')(text)).toBe(shown)
    expect(maskFor('full')(text)).toBe(text)
  })
})
