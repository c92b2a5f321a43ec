import { setTimeout as sleep } from 'node:timers/promises'
import { type Prefix, parseAddress, parsePrefix } from '@truehop/ip'
import { atOnce } from '@truehop/ip/internal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedEntries } from '../src/index.js'
import { HeldEntries } from '../src/shared/held-entries.js'
import { Networks } from '../src/shared/networks.js'
import { entryText } from '../src/shared/shared-entry.js'

/** An ioredis client whose server never answers. */
const never = () => new Promise<never>(() => {})
const client = { status: 'ready', eval: never, evalsha: never, on: () => client }

const at = (i: number) => parsePrefix(`192.0.2.${i}`)
const placed = (prefix: Prefix, expires: number | undefined) => ({
  prefix,
  held: { entry: entryText(prefix), expires, added: 0, about: '{}' },
})

describe('entries in one network', () => {
  test('are counted as long as they are in force, whatever has been swept', () => {
    const step = fc.oneof(
      fc.record({ put: fc.nat(7), expires: fc.option(fc.nat(20), { nil: undefined }) }),
      fc.record({ drop: fc.nat(7) }),
      fc.record({ wait: fc.nat(4) }),
      fc.constant({ sweep: true }),
      fc.record({ match: fc.nat(7) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const held = new HeldEntries(new Networks([{ entries: 3, ipv4Prefix: 24 }]), 100)
        /** When each expires. */
        const plain = new Map<number, number>()
        let now = 0
        for (const each of steps) {
          if ('put' in each) {
            held.put(placed(at(each.put), each.expires), now)
            plain.set(each.put, each.expires ?? Number.POSITIVE_INFINITY)
          } else if ('drop' in each) {
            held.drop(at(each.drop))
            plain.delete(each.drop)
          } else if ('wait' in each) now += each.wait
          else if ('match' in each) {
            const address = parseAddress(`192.0.2.${each.match}`)
            const isIn = (plain.get(each.match) ?? 0) > now
            expect(address && held.contains(address, now)).toBe(isIn)
          } else atOnce(held.sweep(now, 50))
          const inForce = [...plain].filter(([, expires]) => expires > now).map(([i]) => at(i).text)
          const full = held.fullAround(at(0), now)
          expect(full === undefined).toBe(inForce.length < 3)
          const inside = full?.inside.map(({ prefix }) => prefix.text) ?? []
          expect(new Set(inside).size).toBe(full === undefined ? 0 : 3)
          expect(inForce).toEqual(expect.arrayContaining(inside))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('that have expired do not make it the network’s, though nobody has met them since', async () => {
    const escalate = [{ entries: 3, ipv6Prefix: 64 }]
    const entries = sharedEntries({
      client,
      name: 'bans',
      deadline: 50,
      interval: 60_000,
      escalate,
    })
    await expect(entries.ready).rejects.toThrow('did not answer')
    await entries.add('2001:db8::1', { ttl: 0.01 })
    await entries.add('2001:db8::2', { ttl: 0.01 })
    await sleep(50)
    await entries.add('2001:db8::3')
    expect([...entries.entries()]).toEqual(['2001:db8::3'])
    await entries.add('2001:db8::4')
    await entries.add('2001:db8::5')
    expect([...entries.details()]).toMatchObject([
      { entry: '2001:db8::/64', note: '3 entries in 2001:db8::/64', expires: undefined },
    ])
    await entries.close()
  })
})

test('one that has expired gives its place to another', () => {
  const held = new HeldEntries(undefined, 3)
  for (const [i, expires] of [undefined, 5, undefined].entries())
    held.put(placed(at(i), expires), 0)
  expect(held.hasRoom(4)).toBe(false)
  held.put(placed(at(7), undefined), 4)
  expect([held.size, held.leftOut]).toEqual([3, 1])
  expect(held.hasRoom(5)).toBe(true)
  held.put(placed(at(7), undefined), 5)
  expect([...held.values(5)].map(({ entry }) => entry)).toEqual([
    '192.0.2.0',
    '192.0.2.2',
    '192.0.2.7',
  ])
})
