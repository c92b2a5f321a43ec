/** An ioredis client (or cluster), or one with its interface such as iovalkey. */
export interface IoredisLike {
  readonly status: string
  defineCommand(name: string, definition: { numberOfKeys?: number; lua: string }): void
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A node-redis client, version 4 or later. */
export interface NodeRedisLike {
  readonly isOpen: boolean
  eval(script: string, options?: { keys?: string[]; arguments?: string[] }): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A connected client of Redis or Valkey. It stays the caller's: nobody here closes it. */
export type RedisClient = IoredisLike | NodeRedisLike

/** By form, since neither package is a dependency. */
export function clientKind(value: unknown): 'ioredis' | 'node-redis' | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const client = value as Partial<IoredisLike & NodeRedisLike>
  if (typeof client.on !== 'function') return undefined
  if (typeof client.defineCommand === 'function' && typeof client.status === 'string') {
    return 'ioredis'
  }
  return typeof client.isOpen === 'boolean' && typeof client.eval === 'function'
    ? 'node-redis'
    : undefined
}
