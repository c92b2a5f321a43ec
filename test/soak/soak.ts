import { setTimeout as sleep } from 'node:timers/promises'
import { rangesFrom } from '@truehop/identity'
import { Redis } from 'ioredis'
import { randomFrom } from '../fuzz/random.js'
import { FailingRedis, Feed, Replacer } from './disturbances.js'
import { collectGarbage } from './garbage.js'
import { FROM } from './scenes.js'
import { type Service, startServices } from './services.js'
import { type Tally, traffic } from './traffic.js'

export interface SoakOptions {
  readonly seconds: number
  readonly seed: number
  /** Connections at a time. */
  readonly clients: number
  /** Path of a redis-server; without one the limiter counts in memory. */
  readonly redis: string | undefined
}

/** Heap in bytes after a collection, and what keeps the process alive, when nobody is connected. */
export interface Rest {
  readonly heap: number
  readonly handles: Readonly<Record<string, number>>
}

export interface SoakReport extends Readonly<Tally> {
  readonly unhandled: readonly string[]
  readonly policiesReplaced: number
  readonly policiesRefused: number
  readonly brokenLists: number
  readonly redisOutages: number
  /** After a first round of traffic, after the last one, and after everything has stopped. */
  readonly before: Rest
  readonly after: Rest
  readonly stopped: Rest
}

const EDGE_LIST = `${FROM.edge}\n10.9.0.0/16\n`
const DENY_LIST = '192.0.2.0/24\n198.51.100.0/24\n'

/** Mixed traffic on both frameworks while everything around them fails. */
export async function soak({ seconds, seed, clients, redis }: SoakOptions): Promise<SoakReport> {
  const random = randomFrom(seed)
  const unhandled: string[] = []
  const note = (error: unknown) => unhandled.push(String(error))
  process.on('unhandledRejection', note).on('uncaughtExceptionMonitor', note)
  const tally: Tally = { connections: 0, answered: 0, refused: 0, resets: 0, bytes: 0, wrong: [] }

  const [edgeFeed, denyFeed] = [
    await Feed.start(EDGE_LIST, random),
    await Feed.start(DENY_LIST, random),
  ]
  const edge = rangesFrom({ url: edgeFeed.url, format: 'lines', refresh: 1, minimum: 2 })
  const denied = rangesFrom({ url: denyFeed.url, format: 'lines', refresh: 1, minimum: 2 })
  await Promise.all([edge.ready, denied.ready])
  const replacer = new Replacer(edge)
  const server = redis === undefined ? undefined : await FailingRedis.start(redis)
  const store =
    server === undefined ? undefined : new Redis({ host: '127.0.0.1', port: server.port })
  store?.on('error', () => {})
  const parts = { policy: replacer.policy, denied, store: store ?? ('memory' as const) }
  const services = await startServices(parts)

  const round = (length: number) => disturbed(length)
  await round(seconds / 5)
  const before = await rest()
  await round((seconds * 4) / 5)
  const after = await rest()

  await Promise.all(services.map((service) => service.stop()))
  edge.close()
  denied.close()
  store?.disconnect()
  await server?.stop()
  await Promise.all([edgeFeed.stop(), denyFeed.stop()])
  const stopped = await rest()
  process.off('unhandledRejection', note).off('uncaughtExceptionMonitor', note)
  return {
    ...tally,
    unhandled,
    policiesReplaced: replacer.replaced,
    policiesRefused: replacer.refused,
    brokenLists: edgeFeed.broken + denyFeed.broken,
    redisOutages: server?.outages ?? 0,
    before,
    after,
    stopped,
  }

  async function disturbed(length: number): Promise<void> {
    const end = performance.now() + length * 1000
    const isOver = () => performance.now() >= end
    const replacing = setInterval(() => replacer.next(), 1000)
    edgeFeed.isBroken = denyFeed.isBroken = true
    const failing = server === undefined ? undefined : outages(server, isOver)
    const talking = Array.from({ length: clients }, () => traffic(random, services, tally, isOver))
    await Promise.all([...talking, failing])
    clearInterval(replacing)
    edgeFeed.isBroken = denyFeed.isBroken = false
    await idle(services)
  }

  async function outages(failing: FailingRedis, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await failing.fail(random, 500 + random(1500))
      await sleep(500 + random(1500))
    }
  }
}

/** Until what the last clients left behind has been seen by the servers. */
async function idle(services: readonly Service[]): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (sockets() <= services.length * 2) break
    await sleep(100)
  }
}

const sockets = () =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

async function rest(): Promise<Rest> {
  // Closing handles and finalizers take a few turns.
  for (let turn = 0; turn < 5; turn++) {
    await sleep(100)
    collectGarbage()
  }
  const handles: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1
  return { heap: process.memoryUsage().heapUsed, handles }
}
