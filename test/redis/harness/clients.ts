import type { RedisClient } from '@truehop/rate-limit'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'

/** A client as an application makes it: with the defaults of its package. */
export interface Connected {
  readonly store: RedisClient
  /** Commands about limits handed to the client so far, answered or not. */
  readonly commands: () => number
  readonly close: () => void
}

/** The packages that are supported, by name. */
export const CLIENTS: readonly [name: string, connect: (port: number) => Promise<Connected>][] = [
  ['ioredis', ioredis],
  ['ioredis with enableAutoPipelining', ioredisPipelining],
  ['node-redis', nodeRedis],
]

/** The same for a Redis cluster. */
export const CLUSTER_CLIENTS: typeof CLIENTS = [
  ['ioredis', ioredisCluster],
  ['ioredis with enableAutoPipelining', ioredisPipeliningCluster],
  ['node-redis', nodeRedisCluster],
]

async function ioredis(port: number): Promise<Connected> {
  const client = new Redis({ host: '127.0.0.1', port })
  await client.ping()
  return { store: client, commands: counted(client), close: () => client.disconnect() }
}

async function ioredisPipelining(port: number): Promise<Connected> {
  const client = new Redis({ host: '127.0.0.1', port, enableAutoPipelining: true })
  await client.ping()
  return { store: client, commands: countedPipelines(client), close: () => client.disconnect() }
}

async function nodeRedis(port: number): Promise<Connected> {
  const client = createClient({ socket: { host: '127.0.0.1', port } })
  await client.connect()
  return { store: client, commands: counted(client), close: () => client.destroy() }
}

async function ioredisCluster(port: number): Promise<Connected> {
  const client = new Cluster([{ host: '127.0.0.1', port }])
  await client.ping()
  return { store: client, commands: counted(client), close: () => client.disconnect() }
}

async function ioredisPipeliningCluster(port: number): Promise<Connected> {
  const client = new Cluster([{ host: '127.0.0.1', port }], { enableAutoPipelining: true })
  await client.ping()
  return { store: client, commands: countedPipelines(client), close: () => client.disconnect() }
}

async function nodeRedisCluster(port: number): Promise<Connected> {
  const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
  await client.connect()
  return { store: client, commands: counted(client), close: () => client.destroy() }
}

/** Counts calls of scripts, in place of which nothing else is asked about limits. */
function counted(client: object): () => number {
  let commands = 0
  for (const name of ['eval', 'evalsha', 'evalSha']) {
    const run: unknown = Reflect.get(client, name)
    if (typeof run !== 'function') continue
    const counting = (...args: unknown[]): unknown => {
      commands++
      return Reflect.apply(run, client, args)
    }
    Reflect.set(client, name, counting)
  }
  return () => commands
}

/** The same of a client that is asked by pipelines of one command. */
function countedPipelines(client: Redis | Cluster): () => number {
  let commands = 0
  const pipeline = client.pipeline.bind(client)
  client.pipeline = (...args) => {
    commands++
    return pipeline(...args)
  }
  return () => commands
}
