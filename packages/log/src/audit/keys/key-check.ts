import type { Link } from '../chain.js'
import type { SkippedKeys } from './acknowledgement.js'
import { isMacOf, nextKey, recordKey } from './derivation.js'

/** What is wrong with a record's seal. */
export interface SealFinding {
  readonly code: 'forged' | 'future-key' | 'skipped-keys' | 'unknown-key'
  readonly message: string
  /** Keys that a crash may have skipped, which an operator can acknowledge. */
  readonly skipped?: SkippedKeys | undefined
}

/**
 * Keys of no record that are derived in search of records' keys, in all: lines that anyone can write
 * must not cost a minute each.
 */
const MAX_SKIPPED = 2 ** 26

/** What the checks of all trails of a ledger share: each trail costs an attacker one line. */
export class KeySearch {
  /** Keys that may still be derived for nothing. */
  #left: number
  readonly #used = new Set<string>()

  constructor(maxSkipped = MAX_SKIPPED) {
    this.#left = maxSkipped
  }

  /** False, with nothing taken, where so many are not left. */
  take(keys: number): boolean {
    if (keys > this.#left) return false
    this.#left -= keys
    return true
  }

  /** The first key of this id sealed a record. */
  found(id: string): void {
    this.#used.add(id)
  }

  hasFound(id: string): boolean {
    return this.#used.has(id)
  }
}

/** What a process records first: after a crash, or after one between two files. */
const RESTARTS: ReadonlySet<string | undefined> = new Set(['audit.resumed', 'audit.continued'])

/** Checks the seals of a trail in order, with the keys derived again from the first one. */
export class KeyCheck {
  readonly #firsts: ReadonlyMap<string, Buffer>
  #id = ''
  /** Of `#key`. */
  #index = 0
  #key: Buffer = Buffer.alloc(0)
  /** What the next record's index must be, for its number. */
  #expected: { readonly seq: number; readonly index: number } | undefined
  readonly #search: KeySearch

  constructor(firsts: ReadonlyMap<string, Buffer>, search = new KeySearch()) {
    this.#firsts = firsts
    this.#search = search
  }

  /** A record that has the form of one, altered or not. */
  record(link: Link, event: string | undefined): SealFinding | undefined {
    const { seq, seal } = link
    if (seal === undefined) return forged(`record ${seq} is not sealed with a key`)
    const first = this.#firsts.get(seal.id)
    if (first === undefined) {
      const message = `record ${seq} is sealed with a key ${seal.id} that was not given`
      return { code: 'unknown-key', message }
    }
    const misplaced = this.#place(link, seal, event)
    // The search for its key would carry those of the records after it away.
    if (misplaced?.code === 'future-key') return misplaced
    const key = this.#keyAt(seal.id, seal.index, first)
    // Also where keys were skipped: that can be acknowledged, a seal that nobody checked cannot.
    if (key === undefined)
      return forged(`record ${seq} is sealed with a past key, or one too far away`)
    this.#expected = { seq: seq + 1, index: seal.index + 1 }
    const isOwn = isMacOf(seal.mac, key, Buffer.from(seal.sealed, 'latin1'))
    key.fill(0)
    if (!isOwn) return forged(`record ${seq} was not sealed with its key`)
    this.#search.found(seal.id)
    return misplaced
  }

  /** What a record's key says about its place: keys are used in order, one for each record. */
  #place(
    { seq, prev, hash }: Link,
    { id, index }: { readonly id: string; readonly index: number },
    event: string | undefined,
  ): SealFinding | undefined {
    const isFirst = /^0+$/.test(prev)
    const isOther = this.#expected !== undefined && id !== this.#id
    const start = isFirst || isOther ? { seq, index: 0 } : this.#expected
    if (start === undefined) return inside(seq, index)
    const expected = start.index + seq - start.seq
    if (index <= expected) return undefined
    if (isFirst || RESTARTS.has(event)) {
      const keys = `${id}.${expected}-${index - 1}`
      const message = `the records sealed with keys ${keys} are missing before record ${seq}:${hash}: a crash lost them, or they were removed`
      return { code: 'skipped-keys', message, skipped: { keys, record: { seq, hash } } }
    }
    const message = `record ${seq} is sealed with key ${index}, which did not exist before key ${expected} was used`
    return { code: 'future-key', message }
  }

  /** Undefined for a key before the current one, and for one too far away. */
  #keyAt(id: string, index: number, first: Buffer): Buffer | undefined {
    if (id !== this.#id) {
      this.#id = id
      this.#index = 0
      this.#key = Buffer.from(first)
    }
    if (index < this.#index || !this.#search.take(index - this.#index)) return undefined
    while (this.#index < index) this.#advance()
    const key = recordKey(this.#key)
    this.#advance()
    return key
  }

  #advance(): void {
    this.#key = nextKey(this.#key)
    this.#index++
  }
}

/**
 * The first record given, of a trail whose beginning was not: one that was written anew in the place
 * of others has a later key than its number.
 */
function inside(seq: number, index: number): SealFinding | undefined {
  if (index === seq || index === 0) return undefined
  const message = `record ${seq} is sealed with key ${index}: whether records are missing before it shows only with the files before this one`
  return { code: 'skipped-keys', message }
}

function forged(message: string): SealFinding {
  return { code: 'forged', message }
}
