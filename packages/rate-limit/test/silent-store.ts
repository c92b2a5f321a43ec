import type { IoredisLike } from '@truehop/rate-limit'

/** A client of ioredis whose server never answers. */
export function silentStore(): IoredisLike {
  const client = {
    status: 'ready',
    defineCommand(name: string) {
      Object.assign(client, { [name]: () => new Promise(() => {}) })
    },
    on: () => client,
  }
  return client
}
