import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type SharedEntriesOptions, sharedEntries } from '../src/index.js'

/** An ioredis client whose server never answers. */
const never = () => new Promise<never>(() => {})
const client = { status: 'ready', eval: never, evalsha: never, on: () => client }

describe('options of shared entries', () => {
  test.each<[object, string, string]>([
    [{ client: {} }, 'client', 'must be an ioredis or node-redis client, got an object'],
    [{ client: undefined }, 'client', 'is missing'],
    [{ name: 'b a' }, 'name', "must be 1 to 64 letters, digits, '_', '.', ':' or '-', got 'b a'"],
    [{ name: '{b}' }, 'name', "write 'bans'"],
    [{ interval: 1 }, 'interval', 'must be an integer from 50 to 60000 (milliseconds), got 1'],
    [{ maxEntries: 0 }, 'maxEntries', 'must be an integer from 1 to 5000000, got 0'],
    [{ escalate: [{ entries: 1 }] }, 'escalate[0].entries', 'from 2 to 1000, got 1'],
    [{ escalate: [{}] }, 'escalate[0].entries', 'is missing'],
    [{ escalate: [{ entries: 2, ipv4Prefix: 32 }] }, 'escalate[0].ipv4Prefix', 'from 8 to 31'],
    [{ maxEntry: 2 }, 'maxEntry', 'unknown option; expected one of client, name, by, maxEntries'],
  ])('%j', (given, path, message) => {
    const options: SharedEntriesOptions = { client, name: 'bans', ...given }
    expect(() => sharedEntries(options)).toThrow(
      expect.objectContaining({
        name: 'AllowlistError',
        path,
        message: expect.stringContaining(message),
      }),
    )
  })

  test('what is no prefix is refused, and what is said of an entry is bounded', async () => {
    const entries = sharedEntries({ client, name: 'bans', deadline: 50 })
    await expect(entries.add('unknown')).rejects.toThrow('is not a prefix')
    await expect(entries.remove('203.0.113.9/33')).rejects.toThrow('is not a prefix')
    await expect(entries.add('203.0.113.9', { ttl: 0 })).rejects.toThrow('ttl')
    const note = 'x'.repeat(201)
    await expect(entries.add('203.0.113.9', { note })).rejects.toThrow('note')
    expect([...entries.entries()]).toEqual([])
    entries.close()
  })

  test('a store that never answers makes no entry wait longer than the deadline', async () => {
    const entries = sharedEntries({ client, name: 'bans', deadline: 50 })
    await expect(entries.ready).rejects.toThrow('did not answer within 50 ms')
    expect(await entries.add('203.0.113.9')).toBe('local')
    expect([...entries.entries()]).toEqual(['203.0.113.9'])
    expect(entries.status()).toMatchObject({ size: 1, pending: 1, version: undefined })
    entries.close()
  })

  test('changes that wait for the store are bounded', async () => {
    const entries = sharedEntries({ client, name: 'bans', deadline: 50 })
    await entries.ready.catch(() => {})
    const some = Array.from({ length: 10_001 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
    const changes = await Promise.all(some.map((entry) => entries.add(entry)))
    expect(changes.filter((change) => change === 'full')).toHaveLength(1)
    expect(entries.status()).toMatchObject({ size: 10_000, pending: 10_000 })
    entries.close()
  })
})

test('however many lists share a client, it has one listener for errors', async () => {
  const errors = new EventEmitter()
  const on = (event: string, listener: (error: Error) => void) => errors.on(event, listener)
  const shared = { ...client, on }
  for (let i = 0; i < 20; i++) {
    const entries = sharedEntries({ client: shared, name: `bans-${i}`, deadline: 50 })
    await entries.ready.catch(() => {})
    void entries.close()
  }
  expect(errors.listenerCount('error')).toBe(1)
})
