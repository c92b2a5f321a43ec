import { randomInt } from 'node:crypto'

/** Entries of a bucket on average: it holds from half to twice as many, and divides in microseconds. */
const PER_BUCKET = 64

type Key = string | number
type Bucket<V> = Map<Key, V>

/**
 * A map that no single entry makes wait: a `Map` moves all its entries when it grows, and however many
 * there are, if they fill evenly they all grow at the same moment. Linear hashing (Litwin, VLDB 1980):
 * here the number of small maps grows, one at a time, and only the entries of one of them move.
 */
export class GrowingMap<V> {
  readonly #buckets: Bucket<V>[] = [new Map()]
  /** The largest power of two that is not above the number of buckets. */
  #round = 1
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: Key): V | undefined {
    return this.#bucketOf(key)?.get(key)
  }

  /** True for a new key. */
  set(key: Key, value: V): boolean {
    const bucket = this.#bucketOf(key)
    const before = bucket?.size
    bucket?.set(key, value)
    if (bucket?.size === before) return false
    this.#size++
    if (this.#size > PER_BUCKET * this.#buckets.length) this.#divide()
    return true
  }

  /** True if there was one. */
  delete(key: Key): boolean {
    if (this.#bucketOf(key)?.delete(key) !== true) return false
    this.#size--
    return true
  }

  /**
   * Live: values added, changed or removed meanwhile may or may not be included. Every other one is,
   * once, however often buckets divide between two of them.
   */
  *values(): Generator<V> {
    const [count, round] = [this.#buckets.length, this.#round]
    for (let i = 0; i < count; i++) {
      const isDivided = i < count - round || i >= round
      yield* this.#valuesFrom(i, isDivided ? 2 * round : round)
    }
  }

  /** Of the buckets that one has become, `apart` from each other. */
  *#valuesFrom(first: number, apart: number): Generator<V> {
    const buckets: Bucket<V>[] = []
    for (let i = first; i < this.#buckets.length; i += apart) {
      const bucket = this.#buckets[i]
      if (bucket !== undefined) buckets.push(bucket)
    }
    for (const bucket of buckets) {
      for (const [key, value] of bucket) {
        // A bucket that was divided meanwhile still has what has been removed since.
        if (this.#bucketOf(key) === bucket || this.get(key) === value) yield value
      }
    }
  }

  /** Divides the next bucket in two. The old one stays as it is, for those who are walking over it. */
  #divide(): void {
    const from = this.#buckets.length - this.#round
    const [lower, upper]: [Bucket<V>, Bucket<V>] = [new Map(), new Map()]
    for (const [key, value] of this.#buckets[from] ?? []) {
      const isUpper = (hashOf(key) & this.#round) !== 0
      ;(isUpper ? upper : lower).set(key, value)
    }
    this.#buckets[from] = lower
    this.#buckets.push(upper)
    if (this.#buckets.length === 2 * this.#round) this.#round *= 2
  }

  #bucketOf(key: Key): Bucket<V> | undefined {
    const hash = hashOf(key)
    const i = hash & (2 * this.#round - 1)
    return this.#buckets[i < this.#buckets.length ? i : i & (this.#round - 1)]
  }
}

/** Drawn for each process: nobody can choose addresses that all fall into one bucket. */
const SEED = randomInt(2 ** 32) | 0
const FACTOR = randomInt(2 ** 32) | 1

function hashOf(key: Key): number {
  if (typeof key === 'number') return mixed(Math.imul(key ^ SEED, FACTOR))
  let hash = SEED
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), FACTOR)
  return mixed(hash)
}

/** The lower bits of a product depend on lower bits alone, and buckets are chosen by them. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x9e3779b1)
  return half ^ (half >>> 15)
}
