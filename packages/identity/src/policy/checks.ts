import { PolicyError } from './error.js'

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isWholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

/** A value as an error message shows it, at most 60 characters. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : describe(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

/** A misspelt option must not silently become its default. */
export function checkKeys(
  options: Record<string, unknown>,
  known: readonly string[],
  path: string,
): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const key = unknown.slice(0, 60)
  throw new PolicyError(
    'unknown-option',
    path === '' ? key : `${path}.${key}`,
    `is no option here; known are ${known.join(', ')}`,
  )
}
