/**
 * What is wanted from a JSON document, by its place. What no shape names is skipped.
 *
 *     { "etag": "38f7", "result": { "cidrs": ["192.0.2.0/24", …] } }
 *
 *     record({ etag: value(…), result: record({ cidrs: list(value(…)) }) })
 */
export type Shape = ListShape | RecordShape | ValueShape

/** An array, and what each of its items is. */
export interface ListShape {
  readonly kind: 'list'
  readonly of: Shape
  /** What is said if it is missing or something else: `has no array of strings 'addresses'`. */
  readonly absent: string
  /** Whether it may be missing, or null. */
  readonly isOptional: boolean
}

/** An object, and what its fields are: values may be missing, lists and records may not. */
export interface RecordShape {
  readonly kind: 'record'
  readonly fields: Readonly<Record<string, Shape>>
  readonly absent: string
  readonly ended: (() => void) | undefined
}

/** Any short value, as `JSON.parse` returns it. */
export interface ValueShape {
  readonly kind: 'value'
  readonly take: (value: unknown) => void
}

export function list(absent: string, of: Shape): ListShape {
  return { kind: 'list', of, absent, isOptional: false }
}

/** A list that may be missing, or null. */
export function optionalList(absent: string, of: Shape): ListShape {
  return { kind: 'list', of, absent, isOptional: true }
}

export function record(
  absent: string,
  fields: Readonly<Record<string, Shape>>,
  ended?: () => void,
): RecordShape {
  return { kind: 'record', fields, absent, ended }
}

export function value(take: (value: unknown) => void): ValueShape {
  return { kind: 'value', take }
}
