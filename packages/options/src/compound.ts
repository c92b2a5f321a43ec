import {
  BAD_OPTION,
  type Details,
  description,
  type Fields,
  type JsonSchema,
  mustBe,
  type Option,
  type Values,
} from './option.js'
import { memberOf, type Report, show } from './problem.js'

export interface ListBounds {
  /** Minimum number of elements; 0 if left out. */
  readonly least?: number
  readonly most?: number
}

/** An array whose elements one option describes. */
export function list<T, const D extends Details<readonly T[]> & ListBounds>(
  element: Option<T>,
  details: D,
) {
  const { least = 0, most, says, code = BAD_OPTION } = details
  const what = least > 0 ? 'a non-empty array' : 'an array'
  const schema: JsonSchema | undefined = element.schema && {
    description: says,
    type: 'array',
    items: element.schema,
    ...(least === 0 ? {} : { minItems: least }),
    ...(most === undefined ? {} : { maxItems: most }),
  }
  return {
    ...details,
    type: `array of ${element.type}`,
    schema,
    read(value: unknown, path: string, report: Report): readonly T[] {
      if (!Array.isArray(value) || value.length < least || value.length > (most ?? Infinity)) {
        report({ path, code, message: mustBe(what, show(value), details) })
        return []
      }
      // `Array.from` rather than `map`, which skips holes: `[, '10.0.0.0/8']`.
      return Array.from(value, (each: unknown, at) => element.read(each, `${path}[${at}]`, report))
    },
  } satisfies Option<readonly T[]>
}

/** An object with these members and no others. */
export function object<const F extends Fields, const D extends Details<Values<F>>>(
  fields: F,
  details: D,
) {
  return {
    ...details,
    fields,
    type: 'object',
    schema: { description: details.says, ...objectSchema(fields) },
    read(value: unknown, path: string, report: Report): Values<F> {
      return readFields(fields, value, path, report, details)
    },
  } satisfies Option<Values<F>>
}

/** An option that no other form can describe: its own words, schema and reading. */
export function custom<T>(read: Option<T>['read'], type: string, schema: JsonSchema | undefined) {
  return <const D extends Details<T>>(details: D) =>
    ({
      ...details,
      type,
      schema: schema && { description: description(details), ...schema },
      read,
    }) satisfies Option<T>
}

/** The JSON Schema of an object with these members; those that have no JSON form are left out. */
export function objectSchema(fields: Fields): JsonSchema {
  const written = Object.entries(fields).filter(([, { schema }]) => schema !== undefined)
  const required = written.filter(([, option]) => option.required === true).map(([key]) => key)
  return {
    type: 'object',
    properties: Object.fromEntries(written.map(([key, { schema }]) => [key, schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads every member; an option that is left out, or undefined, gets its default. */
export function readFields<const F extends Fields>(
  fields: F,
  value: unknown,
  path: string,
  report: Report,
  details: Details<unknown>,
): Values<F> {
  const given = isRecord(value) ? value : {}
  if (!isRecord(value)) {
    report({
      path,
      code: details.code ?? BAD_OPTION,
      message: mustBe('an object', show(value), details),
    })
    return {} as Values<F>
  }
  reportUnknown(given, Object.keys(fields), path, report)
  const read = Object.entries<Option<unknown>>(fields).map(([key, option]) => {
    const at = memberOf(path, key)
    // `null` is a value that somebody wrote, not an option left out.
    if (given[key] !== undefined) return [key, option.read(given[key], at, report)]
    if (option.required === true) reportMissing(option, at, report)
    return [key, option.default]
  })
  return Object.fromEntries(read) as Values<F>
}

function reportMissing(option: Option<unknown>, path: string, report: Report): void {
  const { code = BAD_OPTION, hint } = option as Details<unknown>
  const message = `is missing${hint === undefined ? '' : `; ${hint}`}`
  report({ path, code, message })
}

/** A misspelt option must not silently become its default. */
export function reportUnknown(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
  report: Report,
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    const near = nearest(key, known)
    const advice = near === undefined ? `expected one of ${known.join(', ')}` : `write ${near}`
    const message = `unknown option; ${advice}`
    const isLeftOut = near !== undefined && !Object.hasOwn(given, near)
    const correction = isLeftOut ? { written: key, instead: near } : undefined
    const at = memberOf(path, key.slice(0, 60))
    report({ path: at, code: 'unknown-option', message, correction })
  }
}

/**
 * The known word that this one becomes with at most two letters changed, added, left out or
 * swapped.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 80) return undefined
  const limit = word.length < 5 ? 1 : 2
  const ranked = known
    .map((each) => ({ each, by: distance(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ by }) => by <= limit)
    .sort((a, b) => a.by - b.by)
  return ranked[0]?.each
}

/** Optimal string alignment distance: Damerau, Levenshtein. */
function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const [left = 0, up = 0, across = 0] = [row[j - 1], last[j], last[j - 1]]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Infinity
      row.push(Math.min(left + 1, up + 1, across + cost, swap))
    }
    ;[before, last] = [last, row]
  }
  return last[b.length] ?? 0
}
