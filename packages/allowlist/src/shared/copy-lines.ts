import { type ListBytes, textOf } from '@truehop/identity/adapter'
import { ENTRIES_PER_SLICE, type Slices } from '@truehop/ip/internal'
import { wallTime } from '../wall-time.js'
import { type CopiedKind, NOWHERE, type Position, prefixOf } from './entries-store.js'
import { entryText, type PlacedEntry } from './shared-entry.js'
import type { Synchronizer } from './synchronizer.js'

/** Characters of one piece: about as many entries as one slice of work has. */
const PIECE = 32_768

/** Characters of one line: far more than an instance writes. */
const LONGEST_LINE = 2 ** 20

/**
 * What a copy has, one JSON array a line. Times are milliseconds since 1970, 0 for an entry that stays; a
 * text stands once, on the line `about` before the first line that has its number.
 *
 *     ["entries", 1, name, epoch, version, nonce, milliseconds of the store's clock ahead of the wall clock]
 *     ["about", text]
 *     ["held", entry, expires, added, number]
 *     ["removed", entry, expires, removed, number]
 *     ["add" or "remove", entry, expires, added, number]     a change that the store does not have
 *     ["end"]
 */
export function* copyPieces(name: string, sync: Synchronizer, most: number): Generator<Uint8Array> {
  let text = ''
  let length = 0
  for (const line of copyLines(name, sync)) {
    text += `${JSON.stringify(line)}\n`
    if (text.length < PIECE && line[0] !== 'end') continue
    const piece = Buffer.from(text)
    length += piece.length
    if (length > most) throw new Error(`would be larger than ${most} bytes`)
    yield piece
    text = ''
  }
}

type Line = readonly [kind: string, ...(string | number)[]]

function* copyLines(name: string, sync: Synchronizer) {
  const { position, held, removals, outbox, ahead } = sync
  const numbers = new Map<string, number>()
  const lines = function* (kind: string, { prefix, held: said }: PlacedEntry): Generator<Line> {
    const { expires, added, about } = said
    if (!numbers.has(about)) {
      numbers.set(about, numbers.size)
      yield ['about', about]
    }
    const end = expires === undefined ? 0 : wallTime(expires)
    yield [kind, entryText(prefix), end, wallTime(added), numbers.get(about) ?? 0]
  }
  const { epoch, version, nonce } = position
  const drift = ahead === undefined ? '' : Math.round(ahead - wallTime(0))
  yield ['entries', 1, name, epoch, version, nonce, drift] satisfies Line
  for (const entry of held.placed()) yield* lines('held', entry)
  for (const { prefix, removed: added, expires, about } of removals.values()) {
    const said = { entry: entryText(prefix), expires, added, about }
    yield* lines('removed', { prefix, held: said })
  }
  for (const { kind, entry } of outbox.values()) yield* lines(kind, entry)
  yield ['end'] satisfies Line
}

/**
 * Puts a copy in force, except for what has been changed here meanwhile. Throws for a copy of other
 * entries. The entries of one that is cut off count, but the store is read from the beginning then.
 */
export function* takeUpCopy(bytes: ListBytes, name: string, sync: Synchronizer): Slices<undefined> {
  const reader = new CopyReader(name, sync)
  let rest = ''
  for (const text of textOf(bytes)) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new Error(NO_INSTANCE)
    for (const [i, line] of lines.entries()) {
      reader.line(line)
      if (i % ENTRIES_PER_SLICE === 0) yield
    }
    yield
  }
  reader.end()
  return undefined
}

const NO_INSTANCE = 'has a line that no instance wrote'

/** Reads a copy line by line. */
class CopyReader {
  readonly #name: string
  readonly #sync: Synchronizer
  readonly #abouts: string[] = []
  /** What `wallTime` gave for a moment, less that moment. */
  readonly #ahead = wallTime(0)
  #position: Position | undefined
  #isDated = false
  #isWhole = false

  constructor(name: string, sync: Synchronizer) {
    this.#name = name
    this.#sync = sync
  }

  line(text: string): void {
    const [kind, ...values] = cells(text)
    if (this.#position === undefined) this.#position = this.#head(kind, values)
    else if (kind === 'about') this.#abouts.push(String(values[0]))
    else if (kind === 'end') this.#isWhole = true
    else this.#entry(kind, values)
  }

  end(): void {
    if (!this.#isWhole || this.#position === undefined) throw new Error('is cut off')
    this.#sync.startFrom(this.#position)
  }

  #head(kind: unknown, [format, name, epoch, version, nonce, drift]: readonly unknown[]): Position {
    if (kind !== 'entries' || format !== 1) throw new Error('does not begin like a copy of entries')
    if (name !== this.#name) {
      throw new Error(
        `has the entries of ${JSON.stringify(name)}; write another path for each name`,
      )
    }
    if (typeof drift !== 'number' || !Number.isFinite(drift)) return NOWHERE
    this.#isDated = true
    this.#sync.assume(drift + this.#ahead)
    return { epoch: String(epoch), version: Number(version) || 0, nonce: String(nonce) }
  }

  #entry(kind: unknown, [text, expires, added, number]: readonly unknown[]): void {
    const prefix = prefixOf(String(text))
    const about = this.#abouts[Number(number)]
    if (prefix === undefined || about === undefined) throw new Error(NO_INSTANCE)
    if (!isKind(kind) || !isTime(expires) || !isTime(added)) throw new Error(NO_INSTANCE)
    const moment = added - this.#ahead
    const said = {
      entry: entryText(prefix),
      expires: expires === 0 ? undefined : expires - this.#ahead,
      added: this.#isDated ? moment : Math.min(moment, performance.now()),
      about,
    }
    this.#sync.takeUp(kind, { prefix, held: said })
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isKind(value: unknown): value is CopiedKind {
  return value === 'held' || value === 'removed' || value === 'add' || value === 'remove'
}

function cells(line: string): readonly unknown[] {
  const value: unknown = JSON.parse(line)
  return Array.isArray(value) ? value : []
}
