import type { IoredisLike } from '../src/store/redis/redis-client.js'

/** A client of ioredis whose server never answers. */
export function silentStore(): IoredisLike {
  const never = () => new Promise<never>(() => {})
  const client = { status: 'ready', eval: never, evalsha: never, on: () => client }
  return client
}
