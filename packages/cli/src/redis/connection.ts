import type { RedisClient } from '@truehop/rate-limit'
import type { Terminal } from '../output/terminal.js'
import { messageOf, UsageError } from '../program/usage-error.js'

/** Milliseconds for a connection. */
const DEADLINE = 10_000

interface Connection {
  readonly client: RedisClient
  readonly close: () => void
}

/** The option of every command that asks a store. */
export const REDIS_OPTION = [
  '--redis <url>',
  'redis:// or rediss:// URL; else that of TRUEHOP_REDIS',
] as const

/**
 * A client of the store at a URL, for as long as `use` takes.
 *
 * @throws {UsageError} where there is no client to connect with, no URL, or nobody behind it.
 */
export async function withRedis<Said>(
  url: string | undefined,
  { environment }: Terminal,
  use: (client: RedisClient) => Promise<Said>,
): Promise<Said> {
  const { client, close } = await connect(url ?? environment['TRUEHOP_REDIS'])
  try {
    return await use(client)
  } finally {
    close()
  }
}

async function connect(url: string | undefined): Promise<Connection> {
  if (url === undefined) {
    throw new UsageError(
      'the store is missing; write --redis redis://HOST:6379, or set TRUEHOP_REDIS',
    )
  }
  // The value is not shown: it may hold a password.
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError('the URL of the store must begin with redis:// or rediss://')
  }
  const open = (await ioredis()) ?? (await nodeRedis())
  if (open === undefined) {
    throw new UsageError(
      'this needs a client of Redis beside it; run npm install ioredis where truehop is installed (npm install --global ioredis, if it is installed globally)',
    )
  }
  try {
    return await open(url)
  } catch (error) {
    throw new UsageError(`the store cannot be reached: ${messageOf(error)}`)
  }
}

type Open = (url: string) => Promise<Connection>

async function ioredis(): Promise<Open | undefined> {
  const module = await import('ioredis').catch(absent)
  if (module === undefined) return undefined
  return async (url) => {
    const client = new module.Redis(url, {
      lazyConnect: true,
      connectTimeout: DEADLINE,
      retryStrategy: () => null,
    })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.disconnect() }
  }
}

async function nodeRedis(): Promise<Open | undefined> {
  const module = await import('redis').catch(absent)
  if (module === undefined) return undefined
  return async (url) => {
    const socket = { connectTimeout: DEADLINE, reconnectStrategy: false } as const
    const client = module.createClient({ url, socket })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  }
}

/** Of a package that is not installed; anything else that is wrong with it is shown. */
function absent(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined
  throw error
}
