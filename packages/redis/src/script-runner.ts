import { createHash } from 'node:crypto'
import type { IoredisLike, RedisClient } from './client.js'

/** Runs scripts on a client, by their digest if the server knows it. */
export class ScriptRunner {
  readonly #client: RedisClient
  readonly #script: string
  readonly #sha: string

  constructor(client: RedisClient, script: string) {
    this.#client = client
    this.#script = script
    this.#sha = createHash('sha1').update(script).digest('hex')
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
        ? ioredisAsked(client, 'evalsha', this.#sha, keys, argument)
        : ioredisAsked(client, 'eval', this.#script, keys, argument)
    }
    const rest = { keys, arguments: [argument] }
    return by === 'digest' ? client.evalSha(this.#sha, rest) : client.eval(this.#script, rest)
  }
}

/**
 * A client with `enableAutoPipelining` would keep a command for a turn of the event loop, and until
 * the reply to what it sent before, to send it with others; what has been gathered already goes at
 * once, as a pipeline of its own.
 */
async function ioredisAsked(
  client: IoredisLike,
  command: 'eval' | 'evalsha',
  script: string,
  keys: string[],
  argument: string,
): Promise<unknown> {
  const pipeline = client.options?.enableAutoPipelining === true ? client.pipeline?.() : undefined
  if (pipeline === undefined) return client[command](script, keys.length, ...keys, argument)
  const replies = await pipeline[command](script, keys.length, ...keys, argument).exec()
  const [error, reply] = replies?.[0] ?? [new Error('the pipeline was dropped'), undefined]
  if (error !== null) throw error
  return reply
}
