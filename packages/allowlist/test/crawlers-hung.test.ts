import { afterEach, expect, test, vi } from 'vitest'
import { verifiedCrawlers } from '../src/index.js'
import { clientAt } from './identities.js'

const dns = vi.hoisted(() => ({ asked: [] as string[] }))

/** Names of addresses are never answered for. */
vi.mock('node:dns/promises', () => ({
  Resolver: class {
    reverse(address: string): Promise<string[]> {
      dns.asked.push(address)
      return new Promise(() => {})
    }
    cancel(): void {}
  },
}))

afterEach(() => void vi.useRealTimers())

test('names that nobody answers for hold their places for ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const crawlers = verifiedCrawlers({ crawlers: ['googlebot'] })
  const ask = (i: number) => crawlers.isVerified(clientAt(`203.0.${i}.7`), 'Googlebot/2.1')
  for (let i = 0; i < 20; i++) expect(ask(i)).toBe(false)
  expect(dns.asked).toHaveLength(16)
  await vi.advanceTimersByTimeAsync(9_999)
  ask(100)
  expect(dns.asked).toHaveLength(16)
  await vi.advanceTimersByTimeAsync(1)
  expect(ask(100)).toBe(false)
  expect(dns.asked.at(-1)).toBe('203.0.100.7')
  // What was not answered for is not asked again at once.
  ask(0)
  expect(dns.asked).toHaveLength(17)
  crawlers.close()
})
