import type { IoredisLike } from '@truehop/redis'

/** A client of ioredis whose server never answers. */
export function silentStore(): IoredisLike {
  const never = () => new Promise<never>(() => {})
  const client = { status: 'ready', eval: never, evalsha: never, on: () => client }
  return client
}
