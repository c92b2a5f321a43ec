import { isClusterClient, nodeOfSlot, type RedisClient, ScriptRunner } from '@truehop/redis'
import type { Rule } from '../../decide/rule.js'
import { type Act, type Answer, type Line, ONE_PLACE, type Place, type Store } from '../store.js'
import { slotOf } from './hash-slot.js'
import { RedisBatch } from './redis-batch.js'
import { SCRIPT, SCRIPT_SHA } from './redis-script.js'

/** What every key begins with, in a store that others may use too. */
const PREFIX = 'truehop:rate-limit'

/** Acts of one call at most: the server does nothing else meanwhile. */
const MOST = 64

/**
 * Counts in Redis or Valkey, under `truehop:rate-limit:{<network>}:<limit's name>:<client>`; keys
 * end when nothing is in use any more. The braces keep all keys of a client in one slot of a
 * cluster: they hold the widest network that the limit counts.
 *
 * Whatever is asked in one turn of the event loop travels in one call of one script (in a cluster:
 * one a slot), so a decision takes one round trip, however many limits and widths it has.
 *
 * The client stays the caller's: its connection, its reconnecting, its end.
 */
export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #client: RedisClient
  readonly #runner: ScriptRunner
  readonly #isCluster: boolean
  /**
   * By slot; one for all where there is no cluster. A new map each turn: a map that is cleared has
   * its former table point to the next one, and one that has grown old keeps all that follow alive.
   */
  #batches = new Map<number, RedisBatch>()
  #isDue = false

  constructor(client: RedisClient) {
    this.#client = client
    this.#runner = new ScriptRunner(client, SCRIPT, SCRIPT_SHA)
    this.#isCluster = isClusterClient(client)
    // An 'error' event without a listener ends the process, and an unreachable store is no reason
    // to. What it means for requests is up to the breaker.
    client.on('error', () => {})
  }

  /** Lines of one hash tag are one group in a cluster; which node has it, the client knows. */
  place(line: Line): Place {
    if (!this.#isCluster) return ONE_PLACE
    const group = tagOf(line)
    return { group, node: nodeOfSlot(this.#client, slotOf(group)) }
  }

  ask(act: Act, lines: readonly Line[], place: Place): Promise<Answer> {
    const slot = this.#isCluster ? slotOf(place.group) : 0
    let batch = this.#batches.get(slot)
    if (batch === undefined || batch.size >= MOST) {
      if (batch !== undefined) this.#send(batch)
      batch = new RedisBatch()
      this.#batches.set(slot, batch)
    }
    this.#sendSoon()
    return batch.add(act, lines, keyName)
  }

  /** When all that has arrived on other connections in this turn has been read, and asked for. */
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

/** What stands in the braces of a key: the slot of a cluster is that of this text. */
function tagOf({ home, key }: Line): string {
  return (home ?? key).text
}

/** Names are written so that none can end like another with a key. */
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
  const end = encodeURIComponent(rule.name)
  ends.set(rule, end)
  return end
}
