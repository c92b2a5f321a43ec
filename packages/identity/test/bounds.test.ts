import { afterEach, describe, expect, test, vi } from 'vitest'
import { definePolicy, resolve } from '../src/portable.js'

/** Counts how often `charCodeAt` is asked: a time would depend on the machine. */
function countLooks(run: () => void): number {
  let looks = 0
  const { charCodeAt } = String.prototype
  vi.spyOn(String.prototype, 'charCodeAt').mockImplementation(function (this: string, i) {
    looks++
    return charCodeAt.call(this, i)
  })
  run()
  vi.restoreAllMocks()
  return looks
}

afterEach(() => {
  vi.restoreAllMocks()
})

const peer = '10.0.0.5'

describe('a walk over hostile evidence looks at no more than what it reads', () => {
  test.each<[string, string, string, string]>([
    ['x-forwarded-for', '10.0.0.7', 'chain-too-long', '1,600 trusted elements'],
    ['forwarded', 'for=10.0.0.7', 'chain-too-long', '1,600 trusted elements'],
    ['x-forwarded-for', '198.51.100.7', 'first-untrusted', '1,600 clients'],
    ['forwarded', 'for=198.51.100.7', 'first-untrusted', '1,600 clients'],
    ['x-forwarded-for', '"', 'unidentified-node', 'quotes'],
    ['forwarded', 'for="', 'unidentified-node', 'quotes that pair over commas'],
  ])('%s of %s: %s for %s', (header, element, reason) => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header })
    const text = Array.from({ length: 1600 }, () => element).join(', ')
    const looks = countLooks(() => {
      expect(resolve(policy, { peer, headers: { [header]: text } }).reason).toBe(reason)
    })
    // 64 elements of some twenty characters, each looked at a few times, and one more.
    expect(looks).toBeLessThan(65 * (element.length + 2) * 8)
  })

  test('65 KB of commas in front of an untrusted peer cost nothing', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const headers = { 'x-forwarded-for': ','.repeat(65_536) }
    const looks = countLooks(() => {
      expect(resolve(policy, { peer: '192.0.2.1', headers })).toMatchObject({ ip: '192.0.2.1' })
    })
    expect(looks).toBeLessThan(40)
  })

  test('65 KB of commas by a trusted peer are looked at once', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const headers = { 'x-forwarded-for': ','.repeat(65_536) }
    const looks = countLooks(() => {
      expect(resolve(policy, { peer, headers }).reason).toBe('header-missing')
    })
    expect(looks).toBeLessThan(65_536 + 40)
  })
})
