import { channel } from 'node:diagnostics_channel'
import type { Level, Logger } from '../options.js'
import { LinesOfTurn, type Sink } from './lines-of-turn.js'

/** What every record ends with where a logger writes messages as pino does by default. */
const END = ',"msg":"access"}\n'
/** No fields: what pino makes of them is the beginning and the end of a line. */
const NO_FIELDS = {}

/** Pino's symbols that are registered, and the names of those that each copy of it has for itself. */
const SERIALIZERS = Symbol.for('pino.serializers')
const FORMATTERS = Symbol.for('pino.formatters')
const HOOKS = Symbol.for('pino.hooks')
const METADATA = Symbol.for('pino.metadata')
const NAMES = {
  ...{ asJson: 'pino.asJson', bindings: 'pino.chindings', levels: 'pino.lsCache' },
  ...{ mixin: 'pino.mixin', nestedKey: 'pino.nestedKey', prefix: 'pino.msgPrefix' },
  ...{ stream: 'pino.stream', stringifiers: 'pino.stringifiers', time: 'pino.time' },
} as const

type Symbols = Readonly<Record<keyof typeof NAMES, symbol>>
type Held = Readonly<Record<symbol, unknown>>

/** What decides how a line is written, of the logger that was looked at last. */
interface Looked {
  readonly method: unknown
  readonly stream: unknown
  readonly lines: LinesOfTurn | undefined
  readonly hooks: unknown
  readonly serializers: unknown
  readonly stringifiers: unknown
  readonly time: unknown
  /** The number of the level. */
  readonly number: number
  /** True where pino itself changes no field of a record. */
  readonly isPlain: boolean
}

/** Published for those who watch how pino makes lines; they must see the record. */
const WATCHED = channel('tracing:pino_asJson:start')

/**
 * Writes records that are text already to the stream of a pino logger, in the line that pino makes
 * of no fields: `{"level":30,"time":…,"reqId":"req-1"` + the record + `,"msg":"access"}`.
 *
 * Only where pino would change no field: no mixin, formatter, redaction, serializer, hook, nested
 * key or prefix. Each request has a logger of its own, a child of one that was looked at: what a
 * child can have that its parent has not is compared for every record, and anything new looked at.
 * Where something is set, or the logger is not pino's, the record is the logger's to write.
 */
export class PinoLines {
  readonly #level: Level
  /** Null once a logger was met that is not one of pino. */
  #symbols: Symbols | null | undefined
  #looked: Looked | undefined

  constructor(level: Level) {
    this.#level = level
  }

  /** What a line begins with; undefined where the logger itself must write the record. */
  begun(logger: Logger): string | undefined {
    const held = logger as Logger & Held
    if (this.#symbols === undefined) this.#symbols = symbolsOf(held)
    const symbols = this.#symbols
    if (symbols === null || WATCHED.hasSubscribers) return undefined
    let looked = this.#looked
    if (looked === undefined || !this.#isLike(looked, held, symbols)) {
      looked = this.#lookAt(held, symbols)
    }
    if (!looked.isPlain || held[symbols.prefix] !== undefined || hasFormatter(held))
      return undefined
    return beginning(held, symbols, looked)
  }

  /** Ends a line that `begun` began, and writes it. */
  write(line: string): void {
    this.#looked?.lines?.add(line + END)
  }

  /** Every access in a place of its own, and not by a function: V8 remembers where each finds it. */
  #isLike(looked: Looked, logger: Logger & Held, symbols: Symbols): boolean {
    return (
      logger[this.#level] === looked.method &&
      logger[SERIALIZERS] === looked.serializers &&
      logger[symbols.stringifiers] === looked.stringifiers &&
      logger[symbols.stream] === looked.stream &&
      logger[HOOKS] === looked.hooks
    )
  }

  #lookAt(logger: Logger & Held, symbols: Symbols): Looked {
    const stream = logger[symbols.stream]
    const seen: Looked = {
      method: logger[this.#level],
      stream,
      lines: this.#linesOf(stream),
      hooks: logger[HOOKS],
      serializers: logger[SERIALIZERS],
      stringifiers: logger[symbols.stringifiers],
      time: logger[symbols.time],
      number: levelNumber(logger, this.#level),
      isPlain: false,
    }
    this.#looked = { ...seen, isPlain: changesNothing(seen, logger, symbols) }
    return this.#looked
  }

  /** A logger with other serializers may have the same stream: its lines stay in order. */
  #linesOf(stream: unknown): LinesOfTurn | undefined {
    const { stream: before, lines } = this.#looked ?? {}
    if (stream === before) return lines
    return canWrite(stream) ? new LinesOfTurn(stream) : undefined
  }
}

function changesNothing(seen: Looked, logger: Logger & Held, symbols: Symbols): boolean {
  if (logger[symbols.mixin] !== undefined || logger[symbols.nestedKey]) return false
  if (!isEmpty(seen.stringifiers) || !touchNothing(seen.serializers)) return false
  const hooks = seen.hooks as { logMethod?: unknown; streamWrite?: unknown } | undefined
  if (hooks === undefined || hooks.logMethod !== undefined) return false
  if (hooks.streamWrite !== undefined) return false
  if (!canWrite(seen.stream) || Reflect.get(seen.stream, METADATA) === true) return false
  // Not of a level that is off, and not put over pino's by somebody.
  if (typeof seen.method !== 'function' || seen.method.name !== 'LOG') return false
  return isMadeSo(seen, logger, symbols)
}

/** Makes a line of no fields in both ways: another pino, or other options, would show here. */
function isMadeSo(seen: Looked, logger: Logger & Held, symbols: Symbols): boolean {
  const asJson = logger[symbols.asJson]
  if (typeof asJson !== 'function' || hasFormatter(logger)) return false
  const begun = beginning(logger, symbols, { ...seen, time: () => ',"time":0' })
  const made: unknown = asJson.call(logger, NO_FIELDS, 'access', seen.number, ',"time":0')
  return made === `${begun}${END}`
}

function beginning(logger: Held, symbols: Symbols, { number, time }: Looked): string | undefined {
  const levels = logger[symbols.levels] as Readonly<Record<number, unknown>> | undefined
  const level = levels?.[number]
  const bindings = logger[symbols.bindings]
  if (typeof level !== 'string' || typeof bindings !== 'string') return undefined
  if (typeof time !== 'function') return undefined
  return `${level}${String(time())}${bindings}`
}

function hasFormatter(logger: Held): boolean {
  const formatters = logger[FORMATTERS] as { readonly log?: unknown } | undefined
  return formatters === undefined || formatters.log !== undefined
}

/** Serializers are by name of a field; those of a record have a dot in theirs. */
function touchNothing(serializers: unknown): boolean {
  if (typeof serializers !== 'object' || serializers === null) return false
  if (Object.getOwnPropertySymbols(serializers).length > 0) return false
  for (const name in serializers) if (name.includes('.')) return false
  return true
}

/** The symbols of the copy of pino that made a logger; null if one is missing. */
function symbolsOf(logger: object): Symbols | null {
  const known = new Map<string | undefined, symbol>()
  for (let at: object | null = logger; at !== null; at = Object.getPrototypeOf(at)) {
    for (const symbol of Object.getOwnPropertySymbols(at)) known.set(symbol.description, symbol)
  }
  const found = Object.entries(NAMES).map(([name, description]) => [name, known.get(description)])
  if (found.some(([, symbol]) => symbol === undefined)) return null
  return Object.fromEntries(found) as Symbols
}

function levelNumber(logger: object, level: Level): number {
  const { levels } = logger as { readonly levels?: { readonly values?: Record<string, unknown> } }
  return Number(levels?.values?.[level])
}

/** Redaction is a stringifier for each path, or one for all under a symbol. */
function isEmpty(stringifiers: unknown): boolean {
  if (typeof stringifiers !== 'object' || stringifiers === null) return false
  for (const _name in stringifiers) return false
  return Object.getOwnPropertySymbols(stringifiers).length === 0
}

function canWrite(value: unknown): value is Sink {
  return typeof (value as { readonly write?: unknown } | null)?.write === 'function'
}
