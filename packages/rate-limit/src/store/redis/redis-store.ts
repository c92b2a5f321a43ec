import {
  isClusterClient,
  nodeOfSlot,
  type RedisClient,
  ScriptRunner,
  surviveErrors,
} from '@truehop/redis'
import type { Rule } from '../../decide/rule.js'
import { type Act, type Answer, type Line, ONE_PLACE, type Place, type Store } from '../store.js'
import { slotOf } from './hash-slot.js'
import { RedisBatch } from './redis-batch.js'
import { SCRIPT } from './redis-script.js'

/** What every key begins with, in a store that other programs may use too. */
const PREFIX = 'truehop:rate-limit'

/**
 * Maximum number of acts in one call, and of keys after which no more are added: the server does
 * nothing else meanwhile.
 */
const MOST = 64
const MOST_KEYS = 1000

/**
 * Counts in Redis or Valkey, under
 * `truehop:rate-limit:{<network>}:<limit's name>:<algorithm and window>:<client>`; keys end when
 * nothing is in use any more. The braces keep all keys of a client in one slot of a cluster: they
 * contain the widest network that the limit counts. With the window, because two services may have
 * given one name to two limits: where one counts a second, the units of the other's hour are gone.
 *
 * Whatever is asked in one turn of the event loop travels in one call of one script (in a cluster:
 * one a slot), so a decision takes one round trip, however many limits and widths it has.
 *
 * The client belongs to the caller: its connection, reconnecting, and closing.
 */
export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #client: RedisClient
  readonly #runner: ScriptRunner
  readonly #isCluster: boolean
  /**
   * By slot; one for all if there is no cluster. A new map each turn: a map that is cleared has its
   * former table point to the next one, and one that has grown old keeps all that follow alive.
   */
  #batches = new Map<number, RedisBatch>()
  #isDue = false

  constructor(client: RedisClient) {
    this.#client = client
    this.#runner = new ScriptRunner(client, SCRIPT)
    this.#isCluster = isClusterClient(client)
    // What an error means for requests is up to the breaker.
    surviveErrors(client)
  }

  /** Lines of one hash tag are one group in a cluster; the client knows which node has it. */
  place(line: Line): Place {
    if (!this.#isCluster) return ONE_PLACE
    const group = tagOf(line)
    return { group, node: nodeOfSlot(this.#client, slotOf(group)) }
  }

  ask(act: Act, lines: readonly Line[], place: Place): Promise<Answer> {
    const slot = this.#isCluster ? slotOf(place.group) : 0
    let batch = this.#batches.get(slot)
    if (batch === undefined || isFull(batch)) {
      if (batch !== undefined) this.#send(batch)
      batch = new RedisBatch()
      this.#batches.set(slot, batch)
    }
    this.#sendSoon()
    return batch.add(act, lines, keyName)
  }

  /**
   * Once everything that has arrived on other connections in this turn has been read, and has
   * asked.
   */
  #sendSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      const batches = this.#batches
      this.#batches = new Map()
      for (const batch of batches.values()) this.#send(batch)
    })
  }

  #send(batch: RedisBatch): void {
    this.#runner
      .run(batch.keys, batch.argument)
      .then((reply) => batch.resolve(reply))
      .catch((error: unknown) => batch.reject(error))
  }
}

function isFull({ size, keys }: RedisBatch): boolean {
  return size >= MOST || keys.length >= MOST_KEYS
}

/** What is in the braces of a key: it decides the slot of a cluster. */
function tagOf({ home, key }: Line): string {
  return (home ?? key).text
}

/**
 * Names are encoded so that none can look like another name followed by a key. After the name stands
 * the first letter of the algorithm, and the window in seconds.
 */
function keyName(line: Line): string {
  const tag = tagOf(line)
  const { text } = line.key
  const name = `${PREFIX}:{${tag}}:${endOf(line.rule)}`
  return text === tag ? name : `${name}:${text}`
}

const ends = new WeakMap<Rule, string>()

function endOf(rule: Rule): string {
  const known = ends.get(rule)
  if (known !== undefined) return known
  const { name, algorithm, window } = rule
  const end = `${encodeURIComponent(name)}:${algorithm.charAt(0)}${window / 1000}`
  ends.set(rule, end)
  return end
}
