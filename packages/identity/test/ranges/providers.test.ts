import { describe, expect, test } from 'vitest'
import { providers } from '../../src/portable.js'
import { snapshotIn } from '../../src/ranges/providers.js'

const { cloudflare, fastly } = providers
const ipv4 = (entries: readonly string[]) => entries.filter((entry) => !entry.includes(':'))

describe('the snapshot that entries come from', () => {
  test.each([
    ['cloudflare', cloudflare],
    ['fastly', fastly],
  ])('is %s where they are its copy, or its IPv4 half, among others or not', (name, snapshot) => {
    expect(snapshotIn(snapshot.entries)).toEqual([name, snapshot])
    expect(snapshotIn(['loopback', ...ipv4(snapshot.entries), 'unix'])?.[0]).toBe(name)
  })

  test('takes more than half of the IPv4 prefixes', () => {
    const prefixes = ipv4(fastly.entries)
    expect(prefixes.length % 2).toBe(1)
    const half = Math.floor(prefixes.length / 2)
    expect(snapshotIn(prefixes.slice(0, half))).toBeUndefined()
    expect(snapshotIn(prefixes.slice(0, half + 1))?.[0]).toBe('fastly')
  })

  test('is not found for entries that no provider has', () => {
    expect(snapshotIn([])).toBeUndefined()
    expect(snapshotIn(['10.0.0.0/8', 'private'])).toBeUndefined()
  })
})
