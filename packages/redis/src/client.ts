/** An ioredis client (or cluster), or one with its interface such as iovalkey. */
export interface IoredisLike {
  readonly status: string
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>
  evalsha(sha: string, keys: number, ...args: string[]): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly enableAutoPipelining?: boolean | undefined } | undefined
  pipeline?(): IoredisPipeline
}

/** What is sent at once, by `exec`; gives an error or a reply of each command. */
export interface IoredisPipeline {
  eval(script: string, keys: number, ...args: string[]): IoredisPipeline
  evalsha(sha: string, keys: number, ...args: string[]): IoredisPipeline
  exec(): Promise<[error: Error | null, reply: unknown][] | null>
}

interface ScriptArguments {
  keys?: string[]
  arguments?: string[]
}

/** A node-redis client (or cluster), version 4 or later. */
export interface NodeRedisLike {
  readonly isOpen: boolean
  eval(script: string, options?: ScriptArguments): Promise<unknown>
  evalSha(sha: string, options?: ScriptArguments): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A connected client of Redis or Valkey. It belongs to the caller, and is never closed here. */
export type RedisClient = IoredisLike | NodeRedisLike

/** By form, since neither package is a dependency. */
export function clientKind(value: unknown): 'ioredis' | 'node-redis' | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const client = value as Partial<IoredisLike & NodeRedisLike>
  if (typeof client.on !== 'function' || typeof client.eval !== 'function') return undefined
  if (typeof client.evalsha === 'function' && typeof client.status === 'string') return 'ioredis'
  const isNodeRedis = typeof client.isOpen === 'boolean' && typeof client.evalSha === 'function'
  return isNodeRedis ? 'node-redis' : undefined
}

const heard = new WeakSet<object>()

/**
 * An `error` event without a listener ends the process, and an unreachable store is no reason to. One
 * listener for each client, however many limits and lists use it.
 */
export function surviveErrors(client: RedisClient): void {
  if (heard.has(client)) return
  heard.add(client)
  client.on('error', () => {})
}
