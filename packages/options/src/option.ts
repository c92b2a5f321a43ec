import type { Report } from './problem.js'

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * What one option takes. Everything said about an option anywhere comes from here: the check with
 * its message, the JSON Schema, and the row in the documentation.
 */
export interface Option<T> {
  /** One sentence, for the schema and the documentation. */
  readonly says: string
  /** What may be written, in words: `integer, 1 to 64`. */
  readonly type: string
  /** `milliseconds`, `seconds`, `bytes`, …; absent where the value has none. */
  readonly unit?: string | undefined
  /** The value if the option is left out. Absent if there is none. */
  readonly default?: T | undefined
  /** The default in words, if it follows from something else: `half of maxPending`. */
  readonly defaultSays?: string | undefined
  /** An option without which the rest means nothing. */
  readonly required?: boolean | undefined
  /** Where the documentation says more: a page under docs/ and its heading, `policy.md#hop-rules`. */
  readonly see?: string | undefined
  /** The members of an option that is an object. */
  readonly fields?: Fields | undefined
  /** Undefined if it has no JSON form (a function, a stream): a file cannot contain it. */
  readonly schema: JsonSchema | undefined
  /**
   * The value as the program uses it. Reports what is wrong with it, and then returns anything at
   * all: the caller does not go on after a report.
   */
  read(value: unknown, path: string, report: Report): T
}

export type Fields = Readonly<Record<string, Option<unknown>>>

/** One description for each option of `T`, and none that `T` does not have. */
export type FieldsOf<T> = { readonly [K in keyof Required<T>]: Option<unknown> }

/** What `read` makes of options described by `F`. */
export type Values<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Option<infer T>
    ? F[K] extends { readonly default: unknown } | { readonly required: true }
      ? T
      : T | undefined
    : never
}

/** What every description may add. */
export interface Details<T> {
  readonly says: string
  readonly default?: T
  readonly defaultSays?: string
  readonly required?: true
  /** `milliseconds`, `seconds`, `bytes`, … */
  readonly unit?: string
  readonly see?: string
  /** The code of what is reported; `bad-option` if left out. */
  readonly code?: string
  /** Added to the message: `write ['loopback'] for a proxy on the same machine`. */
  readonly hint?: string
}

export const BAD_OPTION = 'bad-option'

/** `must be X, got Y; HINT`, with what leaving it out means if there is no hint. */
export function mustBe(what: string, got: string, { hint, ...rest }: Details<unknown>): string {
  const advice = hint ?? leaveOut(rest.default)
  return `must be ${what}, got ${got}${advice === undefined ? '' : `; ${advice}`}`
}

/** An option's sentence for the schema, which may be all that an editor shows of it. */
export function description({ says, unit }: Details<unknown>): string {
  return unit === undefined ? says : `${says} In ${unit}.`
}

function leaveOut(value: unknown): string | undefined {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
  if (!isPlain) return undefined
  return `leave it out for ${typeof value === 'string' ? `'${value}'` : String(value)}`
}
