import type { RedisClient } from './client.js'

/** Runs scripts on a client, by their digest if the server knows it. */
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
