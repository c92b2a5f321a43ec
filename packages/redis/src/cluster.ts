import type { RedisClient } from './client.js'

/** True for clients of a Redis cluster, of either package: they know which slots its nodes have. */
export function isClusterClient(client: RedisClient): boolean {
  return 'slots' in client && Array.isArray(client.slots)
}

/** The node that has a slot, as far as the client knows; empty if it knows none. */
export function nodeOfSlot(client: RedisClient, slot: number): string {
  const slots: unknown = 'slots' in client ? client.slots : undefined
  const entry: unknown = Array.isArray(slots) ? slots[slot] : undefined
  // ioredis: names of master and replicas. node-redis: a shard, whose master has an address.
  if (Array.isArray(entry)) return typeof entry[0] === 'string' ? entry[0] : ''
  const master = memberOf(entry, 'master')
  const address = memberOf(master, 'address')
  return typeof address === 'string' ? address : ''
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
