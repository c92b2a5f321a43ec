import type { RedisClient } from '@truehop/redis'
import type { Escalation } from './networks.js'

export interface SharedEntriesOptions {
  /** A connected Redis or Valkey client (ioredis or node-redis); it is never closed here. */
  readonly client: RedisClient
  /** Which entries: all instances with this name share them. Letters, digits, `_.:-`, up to 64. */
  readonly name: string
  /** Who adds and removes, if `add` and `remove` do not say. Default: the host name. */
  readonly by?: string | undefined
  /** Maximum number of entries, 1 to 5,000,000. Default 100,000. */
  readonly maxEntries?: number | undefined
  /** Milliseconds between two checks for changes, 50 to 60,000. Default 250. */
  readonly interval?: number | undefined
  /** Milliseconds within which the store must have answered, 50 to 60,000. Default 1000. */
  readonly deadline?: number | undefined
  /** File for a copy of the entries, in force after a start while the store is away. Default: none. */
  readonly keep?: string | undefined
  /** When many entries in one network become one for the network. Default: never. */
  readonly escalate?: readonly Escalation[] | undefined
}

export interface SharedEntryOptions {
  /** Seconds until the entry expires, up to ten years. Left out: it stays until it is removed. */
  readonly ttl?: number | undefined
  /** Why, up to 200 characters; kept with the entry. */
  readonly note?: string | undefined
  /** Who adds or removes it, up to 100 characters. */
  readonly by?: string | undefined
}

/**
 * The outcome of a change. `'shared'`: the store has it, all instances follow. `'local'`: it is in
 * force here, and goes to the store once that answers again. `'full'`: nothing was added.
 * `'absent'`: there was nothing to remove.
 */
export type SharedChange = 'shared' | 'local' | 'full' | 'absent'
