import { randomInt } from 'node:crypto'
import { type Prefix, parsePrefix } from '@truehop/ip'
import { type RedisClient, ScriptRunner } from '@truehop/redis'
import { SCRIPT } from './script.js'
import { entryText, type PlacedEntry } from './shared-entry.js'

/** The last change that an instance knows, used to ask for later ones. */
export interface Position {
  /** Empty for an instance that knows none. */
  readonly epoch: string
  readonly version: number
  readonly nonce: string
}

export const NOWHERE: Position = { epoch: '', version: 0, nonce: '0' }

/** A change to make. Times are relative: the clocks of instances may differ. */
export interface Change {
  readonly kind: 'add' | 'remove'
  readonly entry: PlacedEntry
  /** Only if the store does not have it. */
  readonly restore?: boolean | undefined
}

/** A change that was made, by this instance or another one. */
export interface MadeChange {
  readonly kind: 'add' | 'remove'
  readonly entry: PlacedEntry
  readonly isOwn: boolean
}

export type Outcome = 'made' | 'nothing' | 'full'

export interface StoreAnswer {
  readonly status: 'ok' | 'behind' | 'lost'
  /** What the store knows; if the status is `ok`, what has been read of it. */
  readonly position: Position
  readonly outcomes: readonly Outcome[]
  readonly changes: readonly MadeChange[]
  readonly ahead: Ahead
}

export interface Page {
  readonly entries: readonly PlacedEntry[]
  /** Undefined after the last page. */
  readonly next: string | undefined
}

/** What a copy says of an entry. */
export type CopiedKind = 'held' | 'removed' | Change['kind']

/** The entries in Redis or Valkey. Rejects with the client's errors. */
export class EntriesStore {
  readonly #runner: ScriptRunner
  readonly #keys: string[]
  readonly #most: number
  readonly #slack: number
  #ahead: Ahead | undefined
  readonly #origin = String(randomInt(2 ** 47))

  /** `slack`: milliseconds that a change may have been on its way. */
  constructor(client: RedisClient, name: string, most: number, slack: number) {
    this.#runner = new ScriptRunner(client, SCRIPT)
    // The braces keep all keys in one slot of a cluster.
    this.#keys = ['', ':changes', ':expiring'].map((part) => `truehop:entries:{${name}}${part}`)
    this.#most = most
    this.#slack = slack
  }

  /** Makes changes, and returns all changes since a position. */
  async exchange(position: Position, changes: readonly Change[]): Promise<StoreAnswer> {
    const now = performance.now()
    const reply = await this.#ask({
      ...position,
      changes: changes.map((change) => written(change, now)),
      most: this.#most,
      slack: this.#slack,
      asked: this.#ahead === undefined ? 0 : Math.round(now + this.#ahead.most),
      mine: String(randomInt(1, 2 ** 47)),
      origin: this.#origin,
    })
    return this.#answer(reply, position, now)
  }

  async page(cursor: string): Promise<Page> {
    const [serverNow, next, fields] = await this.#ask({ page: cursor })
    const ahead = Number(serverNow) - performance.now()
    const entries: PlacedEntry[] = []
    const flat = Array.isArray(fields) ? fields.map(String) : []
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const entry = readEntry(flat[i] ?? '', flat[i + 1] ?? '', ahead)
      if (entry !== undefined) entries.push(entry)
    }
    return { entries, next: String(next) === '0' ? undefined : String(next) }
  }

  async #ask(question: object): Promise<readonly unknown[]> {
    const reply = await this.#runner.run([...this.#keys], JSON.stringify(question))
    if (!Array.isArray(reply)) throw new Error('the script did not return an array')
    return reply
  }

  #answer(reply: readonly unknown[], before: Position, asked: number): StoreAnswer {
    const [serverNow, status, epoch, version, nonce, outcomes, rows] = reply
    const ahead = { most: Number(serverNow) - asked, least: Number(serverNow) - performance.now() }
    this.#ahead = ahead
    const head = { epoch: String(epoch), version: Number(version), nonce: String(nonce) }
    const read = Array.isArray(rows) ? rows.map((row: unknown) => rowOf(row)) : []
    const last = read.at(-1)
    return {
      status: status === 'ok' || status === 'lost' ? status : 'behind',
      position: status !== 'ok' ? head : last === undefined ? before : { ...before, ...last.at },
      outcomes: Array.isArray(outcomes) ? outcomes.map(outcomeOf) : [],
      changes: read.flatMap((row) => this.#madeChange(row, ahead)),
      ahead,
    }
  }

  #madeChange({ kind, prefix, value, origin }: Row, ahead: Ahead): MadeChange[] {
    const isOwn = origin === this.#origin
    const entry =
      kind === 'add'
        ? readEntry(prefix, value, ahead.least)
        : removedEntry(prefix, value, ahead.most)
    return entry === undefined ? [] : [{ kind, entry, isOwn }]
  }
}

/**
 * Milliseconds by which the server's clock is ahead of `performance.now()`: what the time of the
 * answer leaves open. Removals are dated with the one and additions with the other, so that none
 * seems to come before a removal that it came after.
 */
export interface Ahead {
  readonly most: number
  readonly least: number
}

interface Row {
  readonly at: { readonly version: number; readonly nonce: string }
  readonly kind: 'add' | 'remove'
  readonly prefix: string
  readonly value: string
  readonly origin: string
}

function rowOf(row: unknown): Row {
  const [id = '', kind, prefix = '', value = '', origin = ''] = Array.isArray(row)
    ? row.map(String)
    : []
  const [version, nonce = ''] = id.split('-')
  const at = { version: Number(version), nonce }
  return { at, kind: kind === 'add' ? 'add' : 'remove', prefix, value, origin }
}

function outcomeOf(value: unknown): Outcome {
  return Number(value) === 1 ? 'made' : Number(value) === 0 ? 'nothing' : 'full'
}

/** As the script takes it. What has expired meanwhile has a millisecond left: 0 would be for ever. */
function written({ kind, entry, restore }: Change, now: number): object {
  const { expires, added, about } = entry.held
  return {
    kind,
    restore: restore === true,
    prefix: entryText(entry.prefix),
    rest: expires === undefined ? 0 : Math.max(1, Math.round(expires - now)),
    age: Math.max(0, Math.round(now - added)),
    about,
  }
}

/** Undefined for what no instance of this program wrote. */
function readEntry(text: string, value: string, ahead: number): PlacedEntry | undefined {
  const match = /^(\d{1,15}) (\d{1,15}) (.*)$/s.exec(value)
  const prefix = prefixOf(text)
  if (match === null || prefix === undefined) return undefined
  const [, expires = '', added = '', about = ''] = match
  const held = {
    entry: entryText(prefix),
    expires: expires === '0' ? undefined : Number(expires) - ahead,
    added: Number(added) - ahead,
    about,
  }
  return { prefix, held }
}

/** `added` is the time of the removal. */
function removedEntry(text: string, value: string, ahead: number): PlacedEntry | undefined {
  const match = /^(\d{1,15}) (.*)$/s.exec(value)
  const prefix = prefixOf(text)
  if (match === null || prefix === undefined) return undefined
  const [, removed = '', about = ''] = match
  const times = { expires: undefined, added: Number(removed) - ahead }
  return { prefix, held: { entry: entryText(prefix), ...times, about } }
}

/** Undefined for text that is not a prefix. */
export function prefixOf(text: string): Prefix | undefined {
  try {
    return parsePrefix(text)
  } catch {
    return undefined
  }
}
