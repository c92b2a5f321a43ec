import {
  BAD_OPTION,
  type Details,
  description,
  type JsonSchema,
  mustBe,
  type Option,
} from './option.js'
import { grouped, isAsync, type Report, show } from './problem.js'

interface Plain<T> {
  readonly type: string
  /** The words after `must be` in a message. */
  readonly what: string
  readonly schema: JsonSchema | undefined
  readonly accepts: (value: unknown) => value is T
}

/** An option of one plain value, which is taken as it is. */
function plain<T, D extends Details<T>>(details: D, { type, what, schema, accepts }: Plain<T>) {
  const documented = schema && {
    description: description(details),
    ...schema,
    ...defaultOf(details),
  }
  return {
    ...details,
    type,
    schema: documented,
    read(value: unknown, path: string, report: Report): T {
      if (accepts(value)) return value
      report({
        path,
        code: details.code ?? BAD_OPTION,
        message: mustBe(what, show(value), details),
      })
      // As if it had been left out: code that goes on reading other options never sees a value of
      // another type.
      return details.default as T
    },
  } satisfies Option<T>
}

function defaultOf({ default: value }: Details<unknown>): JsonSchema {
  return value === undefined ? {} : { default: value }
}

export interface Bounds {
  readonly least: number
  /** Absent: no bound; for an integer, the largest safe one. */
  readonly most?: number
}

export function integer<const D extends Details<number> & Bounds>(details: D) {
  const { least, most } = details
  return plain(details, {
    type: `integer, ${rangeText(details)}`,
    what: `an integer ${rangeWords(details)}`,
    schema: { type: 'integer', minimum: least, maximum: most ?? Number.MAX_SAFE_INTEGER },
    accepts: (value): value is number =>
      typeof value === 'number' && Number.isSafeInteger(value) && isWithin(value, details),
  })
}

export function number<const D extends Details<number> & Bounds>(details: D) {
  const { least, most } = details
  return plain(details, {
    type: `number, ${rangeText(details)}`,
    what: `a number ${rangeWords(details)}`,
    schema: { type: 'number', minimum: least, ...(most === undefined ? {} : { maximum: most }) },
    accepts: (value): value is number =>
      typeof value === 'number' && Number.isFinite(value) && isWithin(value, details),
  })
}

function rangeWords({ least, most, unit }: Bounds & Details<number>): string {
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`
  return unit === undefined ? range : `${range} (${unit})`
}

/** With grouped digits, for readers; a message has digits that can be copied into code. */
function rangeText({ least, most }: Bounds): string {
  return most === undefined ? `${grouped(least)} or more` : `${grouped(least)} to ${grouped(most)}`
}

function isWithin(value: number, { least, most }: Bounds): boolean {
  return value >= least && (most === undefined || value <= most)
}

export function boolean<const D extends Details<boolean>>(details: D) {
  return plain(details, {
    type: '`true` or `false`',
    what: 'true or false',
    schema: { type: 'boolean' },
    accepts: (value): value is boolean => typeof value === 'boolean',
  })
}

export function oneOf<const V extends string | number | false, const D extends Details<NoInfer<V>>>(
  values: readonly V[],
  details: D,
) {
  return plain(details, {
    type: values.map((value) => `\`${show(value)}\``).join(', '),
    what: choice(values.map(show)),
    schema: { enum: values },
    accepts: (value): value is V => values.some((known) => known === value),
  })
}

/** An array of some of these values. */
export function someOf<const V extends string, const D extends Details<readonly NoInfer<V>[]>>(
  values: readonly V[],
  details: D,
) {
  const isOne = (value: unknown): value is V => values.some((known) => known === value)
  return plain(details, {
    type: `array of ${values.map((value) => `\`${show(value)}\``).join(', ')}`,
    what: `an array of ${values.map(show).join(', ')}`,
    schema: { type: 'array', items: { enum: values } },
    // Spread, as `every` skips holes: `new Array(1)`.
    accepts: (value): value is readonly V[] => Array.isArray(value) && [...value].every(isOne),
  })
}

/** `a, b or c`. */
export function choice(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' or ')
}

export interface TextBounds {
  /** Minimum number of characters; 1 if left out. */
  readonly least?: number
  /** Maximum number of characters. */
  readonly most?: number
}

export function text<const D extends Details<string> & TextBounds>(details: D) {
  const { least = 1, most } = details
  const size =
    most === undefined ? 'a non-empty string' : `a string of ${least} to ${most} characters`
  return plain(details, {
    type: size.replace(/^a /, ''),
    what: size,
    schema: {
      type: 'string',
      minLength: least,
      ...(most === undefined ? {} : { maxLength: most }),
    },
    accepts: (value): value is string =>
      typeof value === 'string' && isOfLength(value, least, most ?? Infinity),
  })
}

/** In code points, as JSON Schema counts characters (draft 2020-12 validation, section 6.3.1). */
function isOfLength(value: string, least: number, most: number): boolean {
  if (value.length > 2 * most) return false
  const { length } = most === Infinity ? value : [...value]
  return length >= least && length <= most
}

/** A function, `form` as the documentation shows it: `(request) => boolean`. */
export function callback<F extends (...values: never[]) => unknown>(form?: string) {
  return <const D extends Details<F>>(details: D) =>
    plain(details, {
      type: form === undefined ? 'function' : `\`${form}\``,
      what: 'a function',
      schema: undefined,
      accepts: (value): value is F => typeof value === 'function',
    })
}

/**
 * A function whose answer is used at once. One that is declared `async` is refused: whatever it
 * returned would be a promise.
 */
export function immediateCallback<F extends (...values: never[]) => unknown>(form?: string) {
  return <const D extends Details<F>>(details: D) =>
    plain(details, {
      type: form === undefined ? 'function' : `\`${form}\``,
      what: 'a function that is not async',
      schema: undefined,
      accepts: (value): value is F => typeof value === 'function' && !isAsync(value),
    })
}

/** A value whose shape only code can check, such as a stream or a client. */
export function instance<T>(what: string, accepts: (value: unknown) => value is T) {
  return <const D extends Details<T>>(details: D) =>
    plain(details, { type: what.replace(/^an? /, ''), what, schema: undefined, accepts })
}
