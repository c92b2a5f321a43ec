import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs'
import { LogError } from '../../log-error.js'
import type { RecordKey } from '../chain.js'
import { KEY_BYTES, keyId, nextKey, recordKey } from './derivation.js'
import { indexIn, type KeyState, readSlots, slotOf, writeSlots } from './key-slots.js'

/**
 * Creates the key file of one process, readable by its owner alone, and returns K0 in hexadecimal
 * digits. K0 checks the trail later (`verifyAudit`): keep it away from the machine. Throws file
 * system errors, also for a file that is there already.
 */
export function createAuditKey(file: string): string {
  const first = randomBytes(KEY_BYTES)
  const slot = slotOf({ id: keyId(first), index: 0, key: first })
  const slots = Buffer.concat([slot, slot])
  try {
    writeFileSync(file, slots, { flag: 'wx', mode: 0o600 })
    return first.toString('hex')
  } finally {
    for (const secret of [first, slot, slots]) secret.fill(0)
  }
}

/**
 * The keys of one process. A record's key is in memory from the moment that it is reserved until its
 * record is written; by then the file has only what follows.
 */
export class AuditKeys {
  readonly #fd: number
  readonly #id: string
  #index: number
  #key: Buffer
  /** For records that are not written yet, the first of them first. */
  #reserved: RecordKey[] = []
  /** As far as a write that failed may have moved the file on. */
  #attempted: number

  /** Throws `LogError` for a file that cannot be used, and file system errors. */
  constructor(file: string) {
    this.#fd = openSync(file, 'r+')
    const state = readSlots(this.#fd)
    const mode = fstatSync(this.#fd).mode & 0o077
    if (state === undefined || (mode !== 0 && process.platform !== 'win32')) {
      closeSync(this.#fd)
      throw new LogError('bad-option', 'keyFile', state === undefined ? NO_KEY : OPEN_TO_OTHERS)
    }
    this.#id = state.id
    this.#index = state.index
    this.#attempted = state.index
    this.#key = state.key
  }

  /**
   * Closes and throws `LogError` if the key file is a copy of before the record that was sealed last:
   * what is sealed with used keys passes for forged.
   */
  follow({ id, index }: { readonly id: string; readonly index: number }): void {
    if (id !== this.#id || index < this.#index) return
    const next = this.#index
    this.close()
    const what = `is a copy of before key ${index} was used for the last record of the trail, its next one is ${next}`
    throw new LogError('bad-option', 'keyFile', `${what}; begin a new trail with a new key file`)
  }

  /**
   * The keys between the one of the record that was sealed last, if there is one, and the next one:
   * a crash came between moving the file on and writing their records. `a1b2c3d4.17-23`.
   */
  skippedAfter(
    last: { readonly id: string; readonly index: number } | undefined,
  ): string | undefined {
    const from = last?.id === this.#id ? last.index + 1 : 0
    return from < this.#index ? `${this.#id}.${from}-${this.#index - 1}` : undefined
  }

  /**
   * Has keys for so many records. The file is moved on first: a key that was used is in no file.
   * Rejects with file system errors, and if another process uses the file; the keys stay as they
   * were.
   */
  async reserve(count: number): Promise<void> {
    const missing = count - this.#reserved.length
    if (missing <= 0) return
    const index = indexIn(this.#fd)
    if (index === undefined || index < this.#index || index > this.#attempted) {
      throw new Error(SHARED)
    }
    const { keys, state } = this.#ahead(missing)
    try {
      this.#attempted = Math.max(this.#attempted, state.index)
      await writeSlots(this.#fd, state)
    } catch (error) {
      for (const { key } of [...keys, state]) key.fill(0)
      throw error
    }
    this.#reserved.push(...keys)
    this.#key.fill(0)
    this.#key = state.key
    this.#index = state.index
    this.#attempted = state.index
  }

  at(index: number): RecordKey | undefined {
    return this.#reserved[index]
  }

  /** Forgets the keys of the first so many records, which have been written. */
  release(count: number): void {
    for (const { key } of this.#reserved.splice(0, count)) key.fill(0)
  }

  close(): void {
    this.release(this.#reserved.length)
    this.#key.fill(0)
    closeSync(this.#fd)
  }

  #ahead(count: number): { readonly keys: RecordKey[]; readonly state: KeyState } {
    const keys: RecordKey[] = []
    let key: Buffer = Buffer.from(this.#key)
    for (let i = 0; i < count; i++) {
      keys.push({ name: `${this.#id}.${this.#index + i}`, key: recordKey(key) })
      key = nextKey(key)
    }
    return { keys, state: { id: this.#id, index: this.#index + count, key } }
  }
}

const NO_KEY = 'is not a key file; make one with `truehop audit key FILE`'
const OPEN_TO_OTHERS = 'must be readable by its owner alone; write chmod 600 FILE'
const SHARED = 'another process uses the key file too: give each process its own'
