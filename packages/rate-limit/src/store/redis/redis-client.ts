/** An ioredis client (or cluster), or one with its interface such as iovalkey. */
export interface IoredisLike {
  readonly status: string
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>
  evalsha(sha: string, keys: number, ...args: string[]): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
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

/** A connected client of Redis or Valkey. It stays the caller's: it is never closed here. */
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

/** Runs scripts on a client, by their digest where the server knows it. */
export class ScriptRunner {
  readonly #client: RedisClient
  readonly #script: string
  readonly #sha: string

  constructor(client: RedisClient, script: string, sha: string) {
    this.#client = client
    this.#script = script
    this.#sha = sha
  }

  async run(keys: string[], argument: string): Promise<unknown> {
    try {
      return await this.#ask('digest', keys, argument)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await this.#ask('text', keys, argument)
    }
  }

  #ask(by: 'digest' | 'text', keys: string[], argument: string): Promise<unknown> {
    const client = this.#client
    if ('evalsha' in client) {
      return by === 'digest'
        ? client.evalsha(this.#sha, keys.length, ...keys, argument)
        : client.eval(this.#script, keys.length, ...keys, argument)
    }
    const rest = { keys, arguments: [argument] }
    return by === 'digest' ? client.evalSha(this.#sha, rest) : client.eval(this.#script, rest)
  }
}

/** True for clients of a Redis cluster, of either package: they hold what slots its nodes have. */
export function isClusterClient(client: RedisClient): boolean {
  return 'slots' in client && Array.isArray(client.slots)
}

/** The node that has a slot, as far as the client knows; empty where it knows none. */
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
