import { ClusterStore } from './cluster-store.js'
import { MemoryStore } from './memory-store.js'
import type { LimiterOptions } from './options.js'
import { RedisStore } from './redis-store.js'
import { isStore, type Store } from './store.js'

/** The store that a validated option names. `maxKeys` is for those that hold keys here. */
export function openStore(
  option: NonNullable<LimiterOptions<never>['store']>,
  maxKeys: number,
): Store {
  if (isStore(option)) return option
  if (option === 'memory') return new MemoryStore(maxKeys)
  if (option === 'cluster') return ClusterStore.of(maxKeys)
  return RedisStore.of(option)
}
