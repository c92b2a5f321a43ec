import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { slotOf } from '../../packages/rate-limit/src/store/redis/hash-slot.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { moveSlot, RedisCluster } from './harness/redis-cluster.js'
import { RedisServer } from './harness/redis-server.js'

const script = fileURLToPath(new URL('harness/hammer.mjs', import.meta.url))
const built = fileURLToPath(new URL('../../packages/rate-limit/dist/index.js', import.meta.url))
const LIMIT = 20
/** Seconds. */
const WINDOW = 1
const DEADLINE = 250
/** Clients of Redis wait for 10 s and longer where nobody ends that. */
const PATIENCE = 4000

interface Report {
  readonly admitted: readonly (readonly [asked: number, answered: number])[]
  readonly by: Readonly<Record<string, number>>
  /** Milliseconds. */
  readonly slowest: number
}

// Four processes and up to three servers have to start first.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

describeWithPeers(['redis'], 'four processes that ask all the time', () => {
  const children: ChildProcess[] = []
  const servers: RedisServer[] = []
  let areAsking = false

  beforeAll(() => {
    if (!existsSync(built)) throw new Error('nothing is built: run npm run build first')
  })

  const killAll = (): void => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  }
  afterAll(killAll)

  afterEach(async () => {
    // They go on with the next test, unless this one was not seen to its end.
    if (areAsking) killAll()
    areAsking = false
    await Promise.all(servers.splice(0).map((server) => server.stop()))
  })

  async function started(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const server = await RedisServer.start(settings)
    servers.push(server)
    return server
  }

  /** What four processes admit while something happens to the store. */
  async function during(connection: object, happens: () => Promise<unknown>): Promise<Report[]> {
    const options = { limit: LIMIT, window: WINDOW, deadline: DEADLINE, connection }
    while (children.length < 4) children.push(fork(script))
    areAsking = true
    expect(await said(options)).toEqual(Array(4).fill('ready'))
    await happens()
    const reports = await said('end')
    areAsking = false
    return reports
  }

  /** What each process says next when it is told something. */
  async function said(message: object | string) {
    const answers = children.map((child) => once(child, 'message'))
    for (const child of children) child.send(message)
    return (await Promise.all(answers)).map(([answer]) => answer)
  }

  /** Requests that were certainly decided within one window, at most. */
  function mostWithin(reports: readonly Report[], seconds: number): number {
    const all = reports.flatMap(({ admitted }) => admitted)
    const counts = all.map(
      ([from]) =>
        all.filter(([asked, answered]) => asked >= from && answered < from + seconds * 1000).length,
    )
    return Math.max(0, ...counts)
  }

  function expectBound(reports: readonly Report[]): void {
    expect(mostWithin(reports, WINDOW)).toBeLessThanOrEqual(LIMIT)
    expect(mostWithin(reports, 2 * WINDOW)).toBeLessThanOrEqual(2 * LIMIT)
    // Somebody was let in, and not by chance: as many as the bound of refusing early allows.
    expect(reports.flatMap(({ admitted }) => admitted).length).toBeGreaterThan(LIMIT)
    expectAnswers(reports)
  }

  /** Nobody waited for the store: the deadline, and what a machine takes that has other work. */
  function expectAnswers(reports: readonly Report[]): void {
    for (const { slowest } of reports) expect(slowest).toBeLessThan(DEADLINE + PATIENCE)
  }

  const decidedBy = (reports: readonly Report[], who: string) =>
    reports.reduce((sum, { by }) => sum + (by[who] ?? 0), 0)

  test('admit no more than the limit in any interval', async () => {
    const { port } = await started()
    const reports = await during({ host: '127.0.0.1', port }, () => sleep(4000))
    expectBound(reports)
  })

  const happenings: readonly [string, (server: RedisServer) => Promise<unknown>][] = [
    ['its scripts are flushed', (server) => server.command('SCRIPT FLUSH')],
    ['it is frozen for a second', (server) => frozen(server)],
    ['it is a replica that takes no writes for a second', (server) => readOnly(server)],
    ['it refuses writes for a second', (server) => refusingWrites(server)],
    ['it is out of memory for a second', (server) => outOfMemory(server)],
  ]

  describe.each(happenings)('while %s', (_what, happen) => {
    test('admit no more than the limit in any interval', async () => {
      const server = await started()
      const reports = await during({ host: '127.0.0.1', port: server.port }, async () => {
        await sleep(1500)
        await happen(server)
        await sleep(2000)
      })
      expectBound(reports)
    })
  })

  test('admit what it has, counted anew, when it was killed and is back', async () => {
    const server = await started()
    const reports = await during({ host: '127.0.0.1', port: server.port }, async () => {
      await sleep(1500)
      await server.kill()
      await sleep(1500)
      await server.run()
      await sleep(2500)
    })
    // What was counted died with it: one window may hold what two servers admitted.
    expect(mostWithin(reports, WINDOW)).toBeLessThanOrEqual(2 * LIMIT)
    expect(decidedBy(reports, 'nobody')).toBeGreaterThan(0)
    expectAnswers(reports)
  })

  describe('of a cluster of three masters', () => {
    const client = '198.51.100.7'

    async function clustered(happens: (cluster: RedisCluster) => Promise<unknown>) {
      const cluster = await RedisCluster.start()
      servers.push(...cluster.nodes)
      const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
      return during({ cluster: nodes, wider: false }, async () => {
        await sleep(1500)
        await happens(cluster)
        await sleep(3000)
      })
    }

    test('admit no more while the slot of their client moves to another', async () => {
      const reports = await clustered((cluster) => moveSlot(cluster, slotOf(client)))
      expectBound(reports)
    })

    test('admit no more, and go on, while one that is not theirs is dead', async () => {
      const reports = await clustered(async (cluster) => {
        const own = cluster.nodeOf(slotOf(client))
        await cluster.nodes.find((node) => node !== own)?.kill()
      })
      expectBound(reports)
      // Redis answered for their client all the time, but for what a busy machine delays.
      expect(decidedBy(reports, 'store')).toBeGreaterThan(50 * decidedBy(reports, 'nobody'))
    })

    test('admit nobody, within the deadline, while their own is dead', async () => {
      const reports = await clustered(
        (cluster) => cluster.nodeOf(slotOf(client))?.kill() ?? sleep(0),
      )
      expectBound(reports)
      expect(decidedBy(reports, 'nobody')).toBeGreaterThan(decidedBy(reports, 'store') / 10)
    })
  })

  test('admit no more while a sentinel promotes the replica', async () => {
    const master = await started()
    const replica = await started({ replicaof: `127.0.0.1 ${master.port}` })
    await until(async () => (await replica.command('INFO replication')).includes('link_status:up'))
    const sentinel = await RedisServer.startSentinel(master.port)
    servers.push(sentinel)
    await until(async () => {
      const known = await sentinel.command('SENTINEL REPLICAS main')
      return known.includes(String(replica.port))
    })
    const sentinels = [{ host: '127.0.0.1', port: sentinel.port }]
    const reports = await during({ sentinels, name: 'main' }, async () => {
      await sleep(1500)
      await sentinel.command('SENTINEL FAILOVER main')
      await until(async () => (await replica.command('ROLE')).includes('master'))
      await sleep(2500)
    })
    expectBound(reports)
  })
})

async function frozen(server: RedisServer): Promise<void> {
  server.freeze()
  await sleep(1000)
  server.thaw()
}

async function readOnly(server: RedisServer): Promise<void> {
  await server.command('CONFIG SET repl-diskless-sync-delay 0')
  await server.command('REPLICAOF 127.0.0.1 1')
  await sleep(1000)
  await server.command('REPLICAOF NO ONE')
}

async function refusingWrites(server: RedisServer): Promise<void> {
  await server.command('CONFIG SET min-replicas-to-write 1')
  await sleep(1000)
  await server.command('CONFIG SET min-replicas-to-write 0')
}

async function outOfMemory(server: RedisServer): Promise<void> {
  await server.command('CONFIG SET maxmemory 1')
  await sleep(1000)
  await server.command('CONFIG SET maxmemory 0')
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await condition()) return
    await sleep(50)
  }
  throw new Error('did not come about')
}
