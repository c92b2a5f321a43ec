import { PrefixError, PrefixSet } from '@truehop/ip'
import { type Report, show } from '@truehop/options'
import { clientKind, type RedisClient } from '@truehop/redis'
import { HEADER_STYLES, type HeaderStyle } from '../respond/header-fields.js'
import { isStore, type Store } from '../store/store.js'
import type { DenyList } from './options.js'

export function readName(value: unknown, path: string, report: Report): string {
  if (typeof value === 'string' && /^[\x20-\x7e]{1,128}$/.test(value)) return value
  const message = `must be 1 to 128 printable ASCII characters, got ${show(value)}; it is sent in a header field: write 'login'`
  report({ path, code: 'bad-limit-name', message })
  return 'default'
}

export function readShadow(value: unknown, path: string, report: Report): boolean | 'headers' {
  if (typeof value === 'boolean' || value === 'headers') return value
  const message = `must be true, false or 'headers', got ${show(value)}; leave it out for false`
  report({ path, code: 'bad-option', message })
  return false
}

export function readHeaders(value: unknown, path: string, report: Report): readonly HeaderStyle[] {
  if (value === false) return []
  const styles: unknown[] = Array.isArray(value) ? value : [value]
  const isStyle = (style: unknown): style is HeaderStyle =>
    HEADER_STYLES.some((known) => known === style)
  if (styles.length > 0 && styles.every(isStyle)) {
    const [one, other] = sameFields(styles)
    if (one === undefined) return styles
    const message = `must be one of ${show(one)} and ${show(other)}, got both; they write the same fields: leave one out`
    report({ path, code: 'bad-option', message })
    return []
  }
  const known = HEADER_STYLES.map((style) => `'${style}'`).join(', ')
  const message = `must be ${known}, an array of these or false, got ${styles.length === 0 ? show(value) : show(styles.find((style) => !isStyle(style)))}; leave it out for 'draft-11'`
  report({ path, code: 'bad-option', message })
  return []
}

/** Two that would each write into the fields of the other; none if there are no such. */
function sameFields(styles: readonly HeaderStyle[]): readonly HeaderStyle[] {
  for (const [i, style] of styles.entries()) {
    const before = styles.slice(0, i).find((each) => prefixOf(each) === prefixOf(style))
    if (before !== undefined) return [before, style]
  }
  return []
}

function prefixOf(style: HeaderStyle): string {
  return style.startsWith('draft') ? 'RateLimit' : 'X-RateLimit'
}

export function readStore(
  value: unknown,
  path: string,
  report: Report,
): 'memory' | 'cluster' | RedisClient | Store {
  if (value === 'memory' || value === 'cluster' || isStore(value)) return value
  if (clientKind(value) !== undefined) return value as RedisClient
  const message = `must be 'memory', 'cluster', a client or a Store, got ${show(value)}; pass a client of ioredis or of node-redis, connected or connecting`
  report({ path, code: 'bad-store', message })
  return 'memory'
}

export function readAllowed(value: unknown, path: string, report: Report): PrefixSet | undefined {
  try {
    if (Array.isArray(value)) return PrefixSet.from(value)
    report({
      path,
      code: 'bad-option',
      message: `must be an array such as ['10.0.0.0/8'], got ${show(value)}`,
    })
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    report({ path, code: 'bad-option', message: error.message })
  }
  return undefined
}

export function readDenyList(value: unknown, path: string, report: Report): DenyList | undefined {
  if (isDenyList(value)) return value
  const message = `must be an object with a function add, got ${show(value)}; pass what sharedEntries() returns, or write { add: (entry, options) => list.add('deny', entry, options) }`
  report({ path, code: 'bad-option', message })
  return undefined
}

function isDenyList(value: unknown): value is DenyList {
  return (
    typeof value === 'object' &&
    value !== null &&
    'add' in value &&
    typeof value.add === 'function' &&
    // An allowlist has add as well, with the side before the entry: it would take ours for one.
    !('decide' in value)
  )
}
