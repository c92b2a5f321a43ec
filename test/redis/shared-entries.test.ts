import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  defineAllowlist,
  type EntryChangedMessage,
  type SharedEntries,
  type SharedEntriesOptions,
  sharedEntries,
} from '@truehop/allowlist'
import { parseAddress } from '@truehop/ip'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clientAt } from '../../packages/allowlist/test/identities.js'
import { temporaryFolder } from '../peers/harness/folder.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { CLIENTS, CLUSTER_CLIENTS, type Connected } from './harness/clients.js'
import { RedisServer } from './harness/redis-server.js'

/** Longer than the default, so that a busy machine is not taken for an outage. */
const DEADLINE = 5000

describeWithPeers(['redis'], 'entries that instances share', () => {
  let server: RedisServer
  const open: { readonly close: () => void }[] = []

  afterEach(async () => {
    for (const each of open.splice(0)) each.close()
    await server.stop()
  })

  async function instance(
    connect: (port: number) => Promise<Connected>,
    options: Partial<SharedEntriesOptions> = {},
  ): Promise<SharedEntries> {
    const connected = await connect(server.port)
    const client = connected.store
    const entries = sharedEntries({ client, name: 'bans', deadline: DEADLINE, ...options })
    open.unshift(entries)
    open.push(connected)
    await entries.ready
    return entries
  }

  describe.each(CLIENTS)('through %s', (_client, connect) => {
    beforeEach(async () => {
      server = await RedisServer.start()
    })

    test('an entry added on one is in force on another, with expiry, note and who added it', async () => {
      const [a, b] = [await instance(connect, { by: 'a' }), await instance(connect)]
      const list = defineAllowlist({ deny: [b] })
      expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
      expect(await a.add('203.0.113.9', { ttl: 600, note: 'scan' })).toBe('shared')
      await until(() => !list.decide(clientAt('203.0.113.9')).allowed)
      expect(list.decide(clientAt('203.0.113.9'))).toMatchObject({
        entry: '203.0.113.9',
        source: 'bans',
      })
      const [entry] = b.details()
      expect(entry).toMatchObject({ entry: '203.0.113.9', note: 'scan', by: 'a' })
      expect(Math.abs((entry?.expires ?? 0) - Date.now() - 600_000)).toBeLessThan(60_000)
      expect(await b.remove('203.0.113.9')).toBe('shared')
      await until(() => !has(a, '203.0.113.9'))
      expect(await b.remove('203.0.113.9')).toBe('absent')
    })

    test('an instance that starts later has what was added before, expired entries left out', async () => {
      const a = await instance(connect)
      await a.add('2001:db8::/48')
      await a.add('203.0.113.9', { ttl: 0.2 })
      await sleep(300)
      const b = await instance(connect)
      expect([...b.entries()]).toEqual(['2001:db8::/48'])
      expect(has(a, '203.0.113.9')).toBe(false)
    })

    test('a store that is killed takes nothing away, gets what was known back, and what was added meanwhile', async () => {
      const [a, b] = [await instance(connect), await instance(connect, { deadline: 300 })]
      await a.add('203.0.113.1', { note: 'before' })
      await until(() => has(b, '203.0.113.1'))
      await server.kill()
      expect(await b.add('203.0.113.2', { note: 'meanwhile' })).toBe('local')
      expect([has(a, '203.0.113.1'), has(b, '203.0.113.1'), has(b, '203.0.113.2')]).toEqual([
        true,
        true,
        true,
      ])
      await until(() => b.status().lastError !== undefined)
      await server.run()
      await until(() => has(a, '203.0.113.2'))
      await until(() => a.status().lastError === undefined && b.status().pending === 0)
      const late = await instance(connect)
      await until(() => [...late.entries()].length === 2)
      expect([...late.details()].map(({ note }) => note).sort()).toEqual(['before', 'meanwhile'])
    })

    test('a store that is frozen makes nobody wait longer than the deadline, and catches up', async () => {
      const [a, b] = [await instance(connect, { deadline: 300 }), await instance(connect)]
      server.freeze()
      expect(await a.add('203.0.113.1')).toBe('local')
      expect(has(a, '203.0.113.1')).toBe(true)
      expect(has(b, '203.0.113.1')).toBe(false)
      server.thaw()
      await until(() => has(b, '203.0.113.1'))
    })

    test('connections that are cut lose no change', async () => {
      const [a, b] = [await instance(connect), await instance(connect)]
      for (let i = 0; i < 40; i++) {
        if (i % 10 === 5) await server.command('CLIENT KILL TYPE normal')
        await a.add(`203.0.113.${i}`)
      }
      await until(() => a.status().pending === 0 && [...b.entries()].length === 40)
    })

    test('who missed more changes than the store keeps reads all entries anew', async () => {
      const [a, b] = [await instance(connect), await instance(connect, { interval: 60_000 })]
      await a.add('203.0.113.1')
      await b.refresh()
      await a.remove('203.0.113.1')
      await a.add('203.0.113.2')
      await server.command('XTRIM truehop:entries:{bans}:changes MAXLEN 1')
      await b.refresh()
      expect([...b.entries()]).toEqual(['203.0.113.2'])
    })

    test('a fail-over that lost the last change is noticed, though another one has its version', async () => {
      const [a, b] = [await instance(connect), await instance(connect, { interval: 60_000 })]
      await a.add('203.0.113.1')
      const before = await server.command('HGET truehop:entries:{bans} nonce')
      await a.add('203.0.113.2')
      await b.refresh()
      a.close()
      // The store as it was before the last change, and then another change.
      const nonce = before.split('\r\n')[1] ?? ''
      await server.command('HDEL truehop:entries:{bans} 203.0.113.2')
      await server.command(`HSET truehop:entries:{bans} version 1 nonce ${nonce}`)
      await server.command('DEL truehop:entries:{bans}:changes')
      const c = await instance(connect)
      await c.add('203.0.113.3')
      await b.refresh()
      expect([...b.entries()].sort()).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3'])
      await until(() => has(c, '203.0.113.2'))
    })

    test('an entry that was removed is not brought back by who missed that, though the store lost all', async () => {
      const [a, b] = [await instance(connect), await instance(connect, { interval: 60_000 })]
      await a.add('203.0.113.1', { note: 'scan' })
      await a.add('203.0.113.2')
      await b.refresh()
      await sleep(1000)
      await a.remove('203.0.113.1', { by: 'alice', note: 'a customer' })
      await server.command('FLUSHALL')
      // Knows of no removal, and gives the store both entries back.
      await b.refresh()
      // One may be on its way already.
      for (const each of [a, a, b, b]) await each.refresh()
      expect([...a.entries()]).toEqual(['203.0.113.2'])
      expect([...b.entries()]).toEqual(['203.0.113.2'])
      expect(await server.command('HEXISTS truehop:entries:{bans} 203.0.113.1')).toBe(':0\r\n')
    })

    test('nor by a store that is put back to what it had before; what was added again since stays', async () => {
      const a = await instance(connect)
      for (const entry of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) await a.add(entry)
      await sleep(100)
      await server.command('COPY truehop:entries:{bans} truehop:entries:{bans}:before')
      await a.remove('203.0.113.1')
      await a.remove('203.0.113.2')
      await a.add('203.0.113.2', { note: 'again' })
      await server.command('DEL truehop:entries:{bans} truehop:entries:{bans}:changes')
      await server.command('RENAME truehop:entries:{bans}:before truehop:entries:{bans}')
      await a.refresh()
      await until(() => a.status().pending === 0)
      const late = await instance(connect)
      for (const each of [a, late]) {
        expect([...each.entries()].sort()).toEqual(['203.0.113.2', '203.0.113.3'])
      }
    })

    test('a start while the store is away begins with the copy, and then catches up', async () => {
      const folder = temporaryFolder('entries-copy')
      const keep = join(folder, 'bans')
      const a = await instance(connect, { keep })
      const other = await instance(connect)
      await a.add('203.0.113.1', { note: 'scan', by: 'alice' })
      await a.add('203.0.113.2', { ttl: 0.5 })
      await a.add('203.0.113.3', { ttl: 600 })
      await a.add('203.0.113.4')
      await a.close()
      await sleep(1000)
      await other.remove('203.0.113.4')
      const connected = await connect(server.port)
      connected.store.on('error', () => {})
      await server.kill()
      await sleep(600)
      const started = Date.now()
      const options = { client: connected.store, name: 'bans', keep, deadline: 300 }
      const b = sharedEntries(options)
      open.unshift(b)
      open.push(connected)
      await expect(b.ready).rejects.toThrow('shared entries bans')
      expect([...b.entries()].sort()).toEqual(['203.0.113.1', '203.0.113.3', '203.0.113.4'])
      expect(has(b, '203.0.113.1')).toBe(true)
      const first = [...b.details()].find(({ entry }) => entry === '203.0.113.1')
      expect(first).toMatchObject({ note: 'scan', by: 'alice' })
      const { updatedAt, stale } = b.status()
      expect({ stale, isOld: updatedAt < started - 500 }).toEqual({ stale: true, isOld: true })
      await b.add('203.0.113.5')
      await server.run()
      await until(() => b.status().pending === 0 && b.status().lastError === undefined)
      // The other instance has heard of the removal, and tells the store.
      await until(() => !has(b, '203.0.113.4') && has(other, '203.0.113.5'))
      expect([...other.entries()].sort()).toEqual(['203.0.113.1', '203.0.113.3', '203.0.113.5'])
      await b.close()
      rmSync(folder, { recursive: true })
    })

    test('a start from the copy asks only for what has changed since', async () => {
      const folder = temporaryFolder('entries-copy')
      const keep = join(folder, 'bans')
      const a = await instance(connect, { keep })
      const other = await instance(connect)
      await a.add('203.0.113.1')
      await a.add('203.0.113.2')
      await a.close()
      await other.remove('203.0.113.1')
      await other.add('203.0.113.3')
      const before = await pagesRead(server)
      const b = await instance(connect, { keep })
      expect([...b.entries()].sort()).toEqual(['203.0.113.2', '203.0.113.3'])
      expect(await pagesRead(server)).toBe(before)
      await b.close()
      rmSync(folder, { recursive: true })
    })

    test('a removal that waited over a restart leaves alone what was added since', async () => {
      const folder = temporaryFolder('entries-copy')
      const options = { keep: join(folder, 'bans'), deadline: 300 }
      const [a, b] = [await instance(connect, options), await instance(connect)]
      await a.add('203.0.113.1')
      await until(() => has(b, '203.0.113.1'))
      await server.kill()
      expect(await a.remove('203.0.113.1')).toBe('local')
      open.splice(open.indexOf(a), 1)
      await a.close()
      await server.run()
      await sleep(1000)
      expect(await b.add('203.0.113.1', { note: 'again' })).toBe('shared')
      const again = await instance(connect, options)
      await until(() => again.status().pending === 0)
      for (const each of [again, b, again, b]) await each.refresh()
      for (const each of [again, b]) {
        expect([...each.details()]).toMatchObject([{ note: 'again', expires: undefined }])
      }
      await again.close()
      rmSync(folder, { recursive: true })
    })

    test.each([
      ['ahead', 3_600_000],
      ['behind', -3_600_000],
    ])(
      'a start from the copy with a wall clock an hour %s has what the store has',
      async (_way, by) => {
        const folder = temporaryFolder('entries-copy')
        const keep = join(folder, 'bans')
        const [a, b] = [await instance(connect, { keep }), await instance(connect)]
        await a.add('203.0.113.1', { ttl: 600 })
        await a.add('203.0.113.2')
        await a.remove('203.0.113.2')
        await a.close()
        await sleep(100)
        await b.add('203.0.113.2', { note: 'again' })
        const wall = Date.now
        const set = vi.spyOn(Date, 'now').mockImplementation(() => wall() + by)
        const again = await instance(connect, { keep })
        set.mockRestore()
        await until(() => again.status().pending === 0)
        for (const each of [b, again]) {
          await each.refresh()
          expect([...each.entries()].sort()).toEqual(['203.0.113.1', '203.0.113.2'])
        }
        const expires = [...again.details()].map((entry) => entry.expires ?? wall() + 600_000)
        for (const time of expires) expect(Math.abs(time - wall() - 600_000)).toBeLessThan(60_000)
        await again.close()
        rmSync(folder, { recursive: true })
      },
    )

    test('an instance with less room than the store has entries holds no more, and says how many it left out', async () => {
      const a = await instance(connect)
      for (const n of [1, 2, 3, 4]) await a.add(`203.0.113.${n}`)
      const b = await instance(connect, { maxEntries: 3 })
      expect(b.status()).toMatchObject({ size: 3, leftOut: 1 })
      await a.add('203.0.113.5')
      await b.refresh()
      expect(b.status()).toMatchObject({ size: 3, leftOut: 2 })
    })

    test('every instance tells of every change, once', async () => {
      const heard: EntryChangedMessage[] = []
      const listener = (message: unknown) => void heard.push(message as EntryChangedMessage)
      subscribe('truehop.allowlist.changed', listener)
      const [a, b] = [await instance(connect), await instance(connect)]
      await a.add('203.0.113.1', { by: 'alice', note: 'scan' })
      await until(() => has(b, '203.0.113.1'))
      await a.remove('203.0.113.1', { by: 'bob' })
      await until(() => !has(b, '203.0.113.1'))
      await Promise.all([a.refresh(), b.refresh()])
      unsubscribe('truehop.allowlist.changed', listener)
      const said = heard.map(({ change, entry, by }) => `${change} ${entry} by ${by}`)
      expect(said.sort()).toEqual([
        'add 203.0.113.1 by alice',
        'add 203.0.113.1 by alice',
        'remove 203.0.113.1 by bob',
        'remove 203.0.113.1 by bob',
      ])
    })

    test('a full store takes no more, and pushes nothing out', async () => {
      const [a, b] = [
        await instance(connect, { maxEntries: 2 }),
        await instance(connect, { maxEntries: 2, interval: 60_000 }),
      ]
      expect(await a.add('203.0.113.1')).toBe('shared')
      expect(await a.add('203.0.113.2')).toBe('shared')
      expect(await a.add('203.0.113.3')).toBe('full')
      // This one has not looked yet, and hears it from the store.
      expect(await b.add('203.0.113.4')).toBe('full')
      expect([...b.entries()].sort()).toEqual(['203.0.113.1', '203.0.113.2'])
    })

    test('entries in one network become the network’s, on whichever instance they were added', async () => {
      const escalate = [
        { entries: 3, ipv4Prefix: 24, ipv6Prefix: 64 },
        { entries: 2, ipv6Prefix: 48 },
      ]
      const [a, b] = [await instance(connect, { escalate }), await instance(connect, { escalate })]
      await a.add('203.0.113.1', { ttl: 600 })
      await b.add('203.0.113.2', { ttl: 1200 })
      await a.add('198.51.100.7')
      await b.add('203.0.113.3', { ttl: 60 })
      await until(() => [...a.entries()].sort().join() === '198.51.100.7,203.0.113.0/24')
      const network = [...a.details()].find(({ entry }) => entry === '203.0.113.0/24')
      // As long as the longest of them.
      expect((network?.expires ?? 0) - Date.now()).toBeGreaterThan(1_000_000)
      for (const subnet of ['1', '2']) {
        for (const host of ['1', '2', '3']) await a.add(`2001:db8:0:${subnet}::${host}`)
      }
      await until(() => [...b.entries()].includes('2001:db8::/48'))
      await until(() => [...b.entries()].length === 3 && [...a.entries()].length === 3)
      expect(has(b, '2001:db8:0:9::1')).toBe(true)
    })
  })

  test('an addition that waited until it was over does not end what was added since', async () => {
    server = await RedisServer.start()
    const [, connect] = CLIENTS[0] ?? []
    if (connect === undefined) throw new Error('no client')
    const redis = new Redis({ port: server.port })
    const cut = cuttable(redis)
    const connected = { store: cut.store, commands: () => 0, close: () => redis.disconnect() }
    const a = await instance(async () => connected, { deadline: 300 })
    const b = await instance(connect)
    cut.isCut = true
    expect(await a.add('203.0.113.1', { ttl: 0.5, note: 'short' })).toBe('local')
    await sleep(600)
    expect(await b.add('203.0.113.1', { note: 'again' })).toBe('shared')
    cut.isCut = false
    for (const each of [a, b, a, b]) await each.refresh()
    expect(a.status().pending).toBe(0)
    for (const each of [a, b]) {
      expect([...each.details()]).toMatchObject([{ note: 'again', expires: undefined }])
    }
  })

  test('a great many are in force as arithmetic says, before and after thousands of changes', async () => {
    server = await RedisServer.start()
    const [, connect] = CLIENTS[0] ?? []
    if (connect === undefined) throw new Error('no client')
    await fill(server, 20_000)
    const folder = temporaryFolder('entries-copy')
    const options = { maxEntries: 50_000, keep: join(folder, 'bans') }
    const [a, b] = [await instance(connect, options), await instance(connect, options)]
    for (const each of [a, b]) expect(each.status()).toMatchObject({ size: 20_000, leftOut: 0 })
    // Every third address is an entry; every ninth of them goes, and their neighbours come.
    const changed = Array.from({ length: 600 }, (_, i) => i * 27)
    await Promise.all(changed.flatMap((n) => [a.remove(at(n)), a.add(at(n + 1))]))
    await b.refresh()
    await server.command('FLUSHALL')
    await Promise.all([a.refresh(), b.refresh()])
    const late = await instance(connect, { maxEntries: 50_000 })
    await Promise.all([a.close(), b.close()])
    const fromCopy = await instance(connect, options)
    for (let n = 0; n < 60_000; n += 7) {
      const isChanged = n < 16_200 && n % 27 < 2
      const expected = isChanged ? n % 27 === 1 : n % 3 === 0
      const found = [a, b, late, fromCopy].map((each) => has(each, at(n)))
      expect({ n, found }).toEqual({ n, found: found.map(() => expected) })
    }
    rmSync(folder, { recursive: true })
  })

  test.each(CLUSTER_CLIENTS)('stand in one slot of a cluster: %s', async (_client, connect) => {
    server = await RedisServer.startCluster()
    const [a, b] = [await instance(connect), await instance(connect)]
    await a.add('203.0.113.1')
    await until(() => has(b, '203.0.113.1'))
  })

  test('what somebody else wrote among them is left out', async () => {
    server = await RedisServer.start()
    const [, [, connect]] = [0, CLIENTS[0] ?? []]
    if (connect === undefined) throw new Error('no client')
    const a = await instance(connect)
    await a.add('203.0.113.1')
    await server.command('HSET truehop:entries:{bans} nonsense 1 203.0.113.2 nonsense')
    const b = await instance(connect)
    expect([...b.entries()]).toEqual(['203.0.113.1'])
  })
})

/** A client whose calls fail while it is cut off. */
function cuttable(redis: Redis): { readonly store: Redis; isCut: boolean } {
  const fails = () => Promise.reject(new Error('cut off'))
  const get = (target: Redis, key: string | symbol): unknown =>
    cut.isCut && String(key).startsWith('eval') ? fails : Reflect.get(target, key)
  const cut = { store: new Proxy(redis, { get }), isCut: false }
  return cut
}

function has(entries: SharedEntries, text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && entries.has(address)
}

const at = (n: number) => `64.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`

/** Every third address, as instances write them. */
async function fill(server: RedisServer, count: number): Promise<void> {
  const client = new Redis({ port: server.port })
  const key = 'truehop:entries:{bans}'
  await client.hset(key, 'epoch', '7', 'version', count, 'nonce', '7')
  for (let i = 0; i < count; i += 1000) {
    const some = Array.from({ length: Math.min(1000, count - i) }, (_, j) => at(3 * (i + j)))
    await client.hset(key, ...some.flatMap((entry) => [entry, '0 1700000000000 {"by":"test"}']))
  }
  client.disconnect()
}

/** Pages of all entries that the store has given out. */
async function pagesRead(server: RedisServer): Promise<number> {
  const stats = await server.command('INFO commandstats')
  return Number(/cmdstat_hscan:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (isSo()) return
    await sleep(25)
  }
  throw new Error('it does not come to that')
}
