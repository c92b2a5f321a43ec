import { NamesInUse } from '../limits/quota-plan.js'
import type { LimiterSettings } from '../limits/read-limits.js'
import { ClusterStore } from './cluster-store.js'
import { Guard } from './guard.js'
import { MemoryStore } from './memory-store.js'
import { RedisStore } from './redis/redis-store.js'
import { isStore, type Store } from './store.js'
import { UsedUp } from './used-up.js'

/** A store, and what all limiters that count in it share. */
export class OpenStore {
  readonly store: Store
  readonly names = new NamesInUse()
  readonly #usedUp = new UsedUp()
  readonly #guards = new Map<number, Guard>()
  readonly #insurances = new Map<number, MemoryStore>()

  constructor(store: Store) {
    this.store = store
  }

  /** What sits between the requests and the store. `deadline` in milliseconds. */
  guard(deadline: number): Guard {
    const guard = this.#guards.get(deadline) ?? new Guard(this.store, deadline, this.#usedUp)
    this.#guards.set(deadline, guard)
    return guard
  }

  /** Where to count while the store gives no answer. */
  insurance(maxKeys: number): MemoryStore {
    const store = this.#insurances.get(maxKeys) ?? new MemoryStore(maxKeys)
    this.#insurances.set(maxKeys, store)
    return store
  }
}

const opened = new WeakMap<object, OpenStore>()

/**
 * The store that a validated option names. `maxKeys` is for stores that keep keys in this process.
 */
export function openStore(option: LimiterSettings['store'], maxKeys: number): OpenStore {
  if (option === 'memory') return openedOf(new MemoryStore(maxKeys))
  if (option === 'cluster') return openedOf(ClusterStore.ofWorker())
  const known = opened.get(option)
  if (known !== undefined) return known
  return openedOf(isStore(option) ? option : new RedisStore(option), option)
}

function openedOf(store: Store, as: object = store): OpenStore {
  const known = opened.get(as)
  if (known !== undefined) return known
  const made = new OpenStore(store)
  opened.set(as, made)
  opened.set(store, made)
  return made
}
