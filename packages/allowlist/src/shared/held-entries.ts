import type { Address, Prefix } from '@truehop/ip'
import { PrefixTable } from '../prefix-table.js'
import type { Networks } from './networks.js'
import { type HeldEntry, type PlacedEntry, prefixOf } from './shared-entry.js'

/**
 * The shared entries that one instance knows, with their number in each network that may take their
 * place. Expired entries are ignored when they are met, and dropped a few at a time.
 */
export class HeldEntries {
  readonly #table = new PrefixTable<HeldEntry>()
  readonly #networks: Networks | undefined
  #sweeping: Iterator<HeldEntry> | undefined

  constructor(networks: Networks | undefined) {
    this.#networks = networks
  }

  /** Expired ones among them that nothing has met yet. */
  get size(): number {
    return this.#table.size
  }

  put({ prefix, held }: PlacedEntry): void {
    if (this.#networks !== undefined && this.#table.get(prefix) === undefined) {
      this.#networks.count(prefix)
    }
    this.#table.set(prefix, held)
  }

  /** True if there was one. */
  drop(prefix: Prefix): boolean {
    if (!this.#table.delete(prefix)) return false
    this.#networks?.forget(prefix)
    return true
  }

  get(prefix: Prefix, now: number): HeldEntry | undefined {
    const entry = this.#table.get(prefix)
    return entry === undefined || isOver(entry, now) ? undefined : entry
  }

  /** The longest prefix that contains the address and has not expired at `now`. */
  match(address: Address, now: number): HeldEntry | undefined {
    return this.#table.longest(address, (entry) => {
      if (!isOver(entry, now)) return false
      this.#networks?.forget(prefixOf(entry))
      return true
    })
  }

  *values(now: number): Generator<HeldEntry> {
    for (const entry of this.#table.values()) if (!isOver(entry, now)) yield entry
  }

  /** Looks at `most` further entries, and drops those that have expired. */
  sweep(now: number, most: number): void {
    this.#sweeping ??= this.#table.values()
    for (let i = 0; i < most; i++) {
      const { done, value } = this.#sweeping.next()
      if (done === true) {
        this.#sweeping = undefined
        return
      }
      if (isOver(value, now)) this.drop(prefixOf(value))
    }
  }
}

function isOver({ expires }: HeldEntry, now: number): boolean {
  return expires !== undefined && expires <= now
}
