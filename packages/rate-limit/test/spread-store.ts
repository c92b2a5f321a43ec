import type { IoredisLike } from '@truehop/rate-limit'

/** Where a key lies, out of several places. */
type Placing = (key: string) => number

/**
 * A client of ioredis whose keys lie in several places, as behind a proxy that spreads them, with
 * what the scripts do written again here. `refuse` is what such a place says to keys it must not
 * be asked for together.
 */
export class SpreadStore implements IoredisLike {
  readonly status = 'ready'
  /** The keys of each charge that was asked for. */
  readonly charges: string[][] = []
  readonly #places = new Map<number, Map<string, number | string>>()
  readonly #placing: Placing
  refuse: ((keys: readonly string[]) => Error | undefined) | undefined

  constructor(placing: Placing) {
    this.#placing = placing
  }

  on(): this {
    return this
  }

  defineCommand(name: string): void {
    const command = async (all: readonly string[]) => {
      const count = Number(all[0])
      const keys = all.slice(1, 1 + count)
      const error = this.refuse?.(keys)
      if (error !== undefined) throw error
      return this.#run(name, keys, all.slice(1 + count))
    }
    Object.assign(this, { [name]: command })
  }

  /** Everything a script does, it does where its first key lies. */
  #run(name: string, keys: readonly string[], values: readonly string[]): unknown {
    const place = this.#placeOf(keys[0] ?? '')
    if (name === 'truehopMark') return place.set(keys[0] ?? '', values[0] ?? '') && 'OK'
    if (name === 'truehopGather') return keys.filter((key) => place.get(key) === values[0]).length
    this.charges.push([...keys])
    return keys.flatMap((key, i) => {
      if (key.endsWith('!')) return ['ERR value is not an integer or out of range', 0]
      const consumed = Number(place.get(key) ?? 0) + Number(values[3 + i] ?? 1)
      place.set(key, consumed)
      return [consumed, 60_000]
    })
  }

  #placeOf(key: string): Map<string, number | string> {
    const number = this.#placing(key)
    const place = this.#places.get(number) ?? new Map<string, number | string>()
    this.#places.set(number, place)
    return place
  }
}
