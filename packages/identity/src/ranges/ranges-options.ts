import { checkKeys, isRecord, isWholeNumber, show } from '../policy/checks.js'
import { PolicyError } from '../policy/error.js'
import { WIDEST, type Widest } from './edition.js'
import { RANGE_FORMATS, type RangesFormat, type RangesSelect, SELECTABLE } from './formats.js'

interface CommonRangesOptions {
  /** For logs, explanations and `policy.status()`. Default: the file or URL. */
  readonly name?: string | undefined
  readonly format: RangesFormat
  /** Which entries count; for `github`, `{ list: ['hooks'] }` names the lists and is required. */
  readonly select?: RangesSelect | undefined
  /** Seconds between looks at the source, 1 to 604,800. Default 5 for files, 3600 for URLs. */
  readonly refresh?: number | undefined
  /** Prefixes that a list must have at least. Default 1. */
  readonly minimum?: number | undefined
  /** The share of prefixes that one update may take away, 0 to 1. Default 0.5. */
  readonly maximumShrink?: number | undefined
  /**
   * Bits of the shortest prefixes that a list may have, 1 and up. Default 8 and 16. For lists of
   * whom to deny, some of which hold all of multicast (224.0.0.0/3).
   */
  readonly widest?:
    | { readonly ipv4?: number | undefined; readonly ipv6?: number | undefined }
    | undefined
  /** Seconds after which ranges that were not confirmed are stale. Default 30 days. */
  readonly staleAfter?: number | undefined
  /**
   * A file in which the last good copy is kept over restarts. Nobody but the service should be
   * able to write there: what stands in it is trusted.
   */
  readonly keep?: string | undefined
  /** Ranges in force until the first list is in, such as one of `providers`. */
  readonly initial?: InitialRanges | undefined
}

/** A list at hand, and the day it is of: `2026-01-31`. */
export interface InitialRanges {
  readonly entries: readonly string[]
  readonly date: string
}

/** Ranges in a file, looked at for changes. */
export interface FileRangesOptions extends CommonRangesOptions {
  readonly file: string
}

/** Ranges at a URL, polled. `https:`, or `http:` on a loopback address. */
export interface UrlRangesOptions extends CommonRangesOptions {
  readonly url: string
}

export type RangesOptions = FileRangesOptions | UrlRangesOptions

/** `RangesOptions` with the defaults filled in, valid. */
export interface RangesSettings {
  readonly name: string
  readonly file: string | undefined
  readonly url: URL | undefined
  readonly format: RangesFormat
  readonly select: RangesSelect
  readonly refresh: number
  readonly minimum: number
  readonly maximumShrink: number
  readonly widest: Widest
  readonly staleAfter: number
  readonly keep: string | undefined
  readonly initial: InitialRanges | undefined
}

const KEYS = [
  'file',
  'url',
  'name',
  'format',
  'select',
  'refresh',
  'minimum',
  'maximumShrink',
  'widest',
  'staleAfter',
  'keep',
  'initial',
]

const DAY = 86_400
/** Seconds. */
export const MOST_STALE: number = 3650 * DAY

/** @throws {PolicyError} `bad-ranges`, with the option in `path`. */
export function rangesSettings(options: unknown): RangesSettings {
  if (!isRecord(options)) throw bad('', `must be options, not ${show(options)}`)
  checkKeys(options, KEYS, '')
  const file = optionalText(options, 'file')
  const url = optionalText(options, 'url')
  if ((file === undefined) === (url === undefined)) {
    throw bad('', "needs a source: write either file: '/etc/truehop/edge.txt' or url: 'https://…'")
  }
  const format = formatOf(options['format'])
  return {
    name: optionalText(options, 'name') ?? file ?? url ?? '',
    file,
    url: url === undefined ? undefined : urlOf(url),
    format,
    select: selectOf(options['select'], format),
    refresh: number(options, 'refresh', 1, 7 * DAY, file === undefined ? 3600 : 5),
    minimum: number(options, 'minimum', 1, 2_000_000, 1),
    maximumShrink: share(options['maximumShrink']),
    widest: widestOf(options['widest']),
    staleAfter: number(options, 'staleAfter', 1, MOST_STALE, 30 * DAY),
    keep: optionalText(options, 'keep'),
    initial: initialOf(options['initial']),
  }
}

function formatOf(format: unknown): RangesFormat {
  const known = RANGE_FORMATS.find((name) => name === format)
  if (known !== undefined) return known
  throw bad('format', `must be one of ${RANGE_FORMATS.join(', ')}, not ${show(format)}`)
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:') return url
  if (url?.protocol === 'http:' && /^(127\.[\d.]+|\[::1\]|localhost)$/.test(url.hostname))
    return url
  throw bad(
    'url',
    `must be an https: URL, not ${show(text)}: whoever can change the list is trusted`,
  )
}

function selectOf(select: unknown, format: RangesFormat): RangesSelect {
  const fields = SELECTABLE[format]
  if (select === undefined && format !== 'github') return {}
  if (!isRecord(select)) {
    throw bad('select', `must name what counts, such as { ${fields[0] ?? 'list'}: ['…'] }`)
  }
  for (const [field, values] of Object.entries(select)) {
    if (!fields.includes(field)) {
      throw bad(
        `select.${field}`,
        `is not in the format; there are: ${fields.join(', ') || 'none'}`,
      )
    }
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      throw bad(`select.${field}`, `must be a list of texts, not ${show(values)}`)
    }
  }
  return select as RangesSelect
}

function initialOf(initial: unknown): InitialRanges | undefined {
  if (initial === undefined) return undefined
  const { entries, date } = isRecord(initial) ? initial : {}
  if (isTexts(entries) && isDay(date)) {
    return { entries, date }
  }
  throw bad('initial', "must be { entries: ['…'], date: '2026-01-31' }, such as one of providers")
}

function isTexts(entries: unknown): entries is readonly string[] {
  return Array.isArray(entries) && entries.every((entry) => typeof entry === 'string')
}

/** `2026-01-31`, as `providers` has it. */
function isDay(date: unknown): date is string {
  return (
    typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date))
  )
}

function optionalText(options: Record<string, unknown>, key: string): string | undefined {
  const value = options[key]
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw bad(key, `must be text, not ${show(value)}`)
}

function number(
  options: Record<string, unknown>,
  key: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const value = options[key]
  if (value === undefined) return otherwise
  if (isWholeNumber(value) && value >= least && value <= most) return value
  throw bad(key, `must be a whole number from ${least} to ${most}, not ${show(value)}`)
}

function widestOf(widest: unknown): Widest {
  if (widest === undefined) return WIDEST
  if (!isRecord(widest)) throw bad('widest', `must be { ipv4: 3 }, not ${show(widest)}`)
  checkKeys(widest, ['ipv4', 'ipv6'], 'rangesFrom.widest')
  return {
    4: number({ 'widest.ipv4': widest['ipv4'] }, 'widest.ipv4', 1, 32, WIDEST[4]),
    6: number({ 'widest.ipv6': widest['ipv6'] }, 'widest.ipv6', 1, 128, WIDEST[6]),
  }
}

function share(value: unknown): number {
  if (value === undefined) return 0.5
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw bad('maximumShrink', `must be a share from 0 to 1, not ${show(value)}`)
}

function bad(key: string, message: string): PolicyError {
  return new PolicyError('bad-ranges', key === '' ? 'rangesFrom' : `rangesFrom.${key}`, message)
}
