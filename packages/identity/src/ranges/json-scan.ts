import type { Slices } from '@truehop/ip/internal'
import type { RecordShape, Shape, ValueShape } from './json-shape.js'
import { JsonTokens, noJson, type Token } from './json-tokens.js'
import { RangesFormatError } from './lines.js'

/** Maximum nesting of arrays and objects. */
const MAX_DEPTH = 64

/** Tokens of one slice; an entry with its comma and quotes takes at least three. */
const TOKENS_PER_SLICE = 1024

/**
 * Reads a JSON document (RFC 8259) that comes in pieces of about 64 KiB, and passes on what its
 * shape names as it is met: `JSON.parse` of some megabytes keeps a service from answering, and
 * cannot be interrupted. Only what is passed on is kept, each value by itself.
 *
 * @throws {RangesFormatError} if the text is not JSON, is not of the shape, has a field of the
 * shape twice, nests deeper or has longer values than any list.
 */
export function* scanJson(pieces: Iterable<string>, shape: Shape): Slices<undefined> {
  const scan = new JsonScan(shape)
  for (const piece of pieces) {
    scan.feed(piece)
    while (scan.run(TOKENS_PER_SLICE)) yield
    yield
  }
  scan.finish()
}

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'end'

/** An array or object that is open. */
interface Open {
  readonly isList: boolean
  /** Of an object itself; undefined for one that is not wanted. */
  readonly record: RecordShape | undefined
  /** Of the items of an array; undefined for an object. */
  readonly items: Shape | undefined
  /** Names of the shape that an object has had. */
  readonly seen: Set<string>
}

class JsonScan {
  readonly #tokens = new JsonTokens()
  readonly #open: Open[] = []
  #expected: Expected = 'value'
  /** What the next value should be; undefined for one that is not wanted. */
  #shape: Shape | undefined
  /** The array or object that is being kept whole, and how many are open around it. */
  #whole: { readonly shape: ValueShape; readonly depth: number } | undefined

  constructor(shape: Shape) {
    this.#shape = shape
  }

  feed(piece: string): void {
    this.#tokens.feed(piece)
  }

  /** Reads up to `most` tokens; false if more text is needed for the next. */
  run(most: number): boolean {
    for (let read = 0; read < most; read++) {
      const token = this.#tokens.next()
      if (token === undefined) return false
      this.#read(token)
    }
    return true
  }

  finish(): void {
    this.#tokens.finish()
    while (this.run(1)) {}
    if (this.#expected !== 'end' || !this.#tokens.isAtEnd) throw noJson()
  }

  #read(token: Token): void {
    if (token === '[') this.#begin(true)
    else if (token === '{') this.#begin(false)
    else if (token === ']') this.#end(true)
    else if (token === '}') this.#end(false)
    else if (token === ',') this.#comma()
    else if (token === ':') this.#colon()
    else if (token === '"' && this.#expected.startsWith('name')) this.#name()
    else this.#scalar()
  }

  #begin(isList: boolean): void {
    this.#expectValue()
    if (this.#open.length === MAX_DEPTH) {
      throw new RangesFormatError(`nests more than ${MAX_DEPTH} levels`)
    }
    const shape = this.#shape
    if (shape?.kind === 'value') {
      this.#whole = { shape, depth: this.#open.length }
      this.#tokens.keep()
    } else if (shape !== undefined && (shape.kind === 'list') !== isList) {
      throw new RangesFormatError(shape.absent)
    }
    const record = shape?.kind === 'record' ? shape : undefined
    const items = shape?.kind === 'list' ? shape.of : undefined
    this.#open.push({ isList, record, items, seen: new Set() })
    this.#shape = items
    this.#expected = isList ? 'value or end' : 'name or end'
  }

  #end(isList: boolean): void {
    const open = this.#open.pop()
    const isEmpty = this.#expected === (isList ? 'value or end' : 'name or end')
    if (open?.isList !== isList || !(isEmpty || this.#expected === 'comma or end')) throw noJson()
    if (open.record !== undefined) endRecord(open.record, open.seen)
    if (this.#whole?.depth === this.#open.length) {
      const { take } = this.#whole.shape
      this.#whole = undefined
      take(parse(this.#tokens.kept()))
    }
    this.#afterValue()
  }

  #comma(): void {
    const open = this.#open.at(-1)
    if (this.#expected !== 'comma or end' || open === undefined) throw noJson()
    this.#expected = open.isList ? 'value' : 'name'
    this.#shape = open.items
  }

  #colon(): void {
    if (this.#expected !== 'colon') throw noJson()
    this.#expected = 'value'
  }

  #name(): void {
    const { record, seen } = this.#open.at(-1) ?? {}
    const name = String(parse(this.#tokens.source))
    this.#shape =
      record !== undefined && Object.hasOwn(record.fields, name) ? record.fields[name] : undefined
    this.#expected = 'colon'
    if (this.#shape === undefined) return
    // Which of two counts is a guess, and two readers may guess differently.
    if (seen?.has(name) === true) throw new RangesFormatError(`has '${name}' more than once`)
    seen?.add(name)
  }

  #scalar(): void {
    this.#expectValue()
    const value = parse(this.#tokens.source)
    if (this.#shape?.kind === 'value') this.#shape.take(value)
    else if (this.#shape !== undefined && !(value === null && mayBeMissing(this.#shape))) {
      throw new RangesFormatError(this.#shape.absent)
    }
    this.#afterValue()
  }

  #expectValue(): void {
    if (!this.#expected.startsWith('value')) throw noJson()
  }

  #afterValue(): void {
    this.#expected = this.#open.length === 0 ? 'end' : 'comma or end'
  }
}

function endRecord({ fields, ended }: RecordShape, seen: ReadonlySet<string>): void {
  for (const [name, shape] of Object.entries(fields)) {
    if (shape.kind === 'value' || mayBeMissing(shape) || seen.has(name)) continue
    throw new RangesFormatError(shape.absent)
  }
  ended?.()
}

function mayBeMissing(shape: Shape): boolean {
  return shape.kind === 'list' && shape.isOptional
}

/** A value that is short. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw noJson()
  }
}
