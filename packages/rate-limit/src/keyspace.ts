import { randomUUID } from 'node:crypto'
import type { RedisClient } from './redis-client.js'
import { type RedisScript, redisScript } from './redis-script.js'

/**
 * So many that they hardly all come to lie in one of several places by chance: with two places,
 * one of them three times as large, once in 10^8.
 */
const MARKS = 64
/** Milliseconds until it is asked again where nothing could be found out. */
const AGAIN = 60_000

const MARK = `return redis.call('SET', KEYS[1], ARGV[1], 'PX', 10000)`
const GATHER = `
local found = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then found = found + 1 end
  redis.call('DEL', key)
end
return found`

/**
 * Whether all keys behind a client lie in one place, so that one script can reach several of them.
 * In a cluster they do not, nor behind a proxy that spreads keys over several servers; and some of
 * these would run the script where its first key lies, and count all others there without a word.
 *
 * It is tried out once: marks are set one by one, and looked for together.
 */
export class Keyspace {
  readonly #mark: RedisScript
  readonly #gather: RedisScript
  readonly #prefix: string
  #isOne = false
  #askAt = 0

  /** Keys of the trial begin with `prefix`, and are gone after ten seconds at the latest. */
  constructor(client: RedisClient, prefix: string) {
    this.#mark = redisScript(client, 'truehopMark', MARK)
    this.#gather = redisScript(client, 'truehopGather', GATHER)
    this.#prefix = prefix
  }

  /** False until the trial has shown it. The first who asks starts it, and waits for nothing. */
  get isOne(): boolean {
    if (!this.#isOne && this.#askAt < Infinity && performance.now() >= this.#askAt) this.#tryOut()
    return this.#isOne
  }

  /** A script on several keys was refused: from now on each goes alone. */
  divide(): void {
    this.#isOne = false
    this.#askAt = Infinity
  }

  #tryOut(): void {
    this.#askAt = Infinity
    const token = randomUUID()
    const keys = Array.from({ length: MARKS }, (_, i) => `${this.#prefix}:${token}:${i}`)
    Promise.all(keys.map((key) => this.#mark([key], [token])))
      .then(() => this.#gather(keys, [token]))
      .then(
        (found) => {
          this.#isOne = Number(found) === MARKS
        },
        (error: unknown) => {
          if (!isDivided(error)) this.#askAt = performance.now() + AGAIN
        },
      )
  }
}

/** What a cluster says to a script whose keys it holds in several places. */
export function isDivided(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('CROSSSLOT')
}
