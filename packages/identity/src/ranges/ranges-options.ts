import { isRecord, memberOf, Problems, type Report, readFields } from '@truehop/options'
import { policyError } from '../policy/error.js'
import { WIDEST, type Widest } from './edition.js'
import { type RangesFormat, type RangesSelect, SELECTABLE } from './formats.js'
import { RANGES_FIELDS } from './ranges-fields.js'

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

/**
 * The settings that the options come to; undefined where something was reported. `path` is where
 * the options stand.
 */
export function readRanges(
  options: unknown,
  path: string,
  problems: Problems,
): RangesSettings | undefined {
  const values = readFields(RANGES_FIELDS, options, path, problems.report, OPTIONS)
  const { file, url, select, widest, ...rest } = values
  if (!isRecord(options)) return undefined
  checkSource(options, path, problems.report)
  if (problems.areFine(memberOf(path, 'format'))) {
    checkSelect(options['select'], values.format, memberOf(path, 'select'), problems.report)
  }
  if (!problems.areFine(path)) return undefined
  const { name = file ?? String(options['url']), refresh = file === undefined ? 3600 : 5 } = rest
  const { ipv4 = WIDEST[4], ipv6 = WIDEST[6] } = widest ?? {}
  return {
    ...rest,
    name,
    file,
    url,
    select: select ?? {},
    refresh,
    widest: { 4: ipv4, 6: ipv6 },
  }
}

const OPTIONS = {
  says: '',
  code: 'bad-ranges',
  hint: "write { file: '/etc/truehop/edge.txt', format: 'lines' }",
} as const

/** @throws {PolicyError} `bad-ranges` or `unknown-option`, with the option in `path`. */
export function rangesSettings(options: unknown): RangesSettings {
  const problems = new Problems()
  const settings = readRanges(options, 'rangesFrom', problems)
  if (settings === undefined) throw policyError(problems.all)
  return settings
}

function checkSource({ file, url }: Record<string, unknown>, path: string, report: Report): void {
  if ((file === undefined) !== (url === undefined)) return
  const message = "needs one source; write either file: '/etc/truehop/edge.txt' or url: 'https://…'"
  report({ path, code: 'bad-ranges', message })
}

function checkSelect(select: unknown, format: RangesFormat, path: string, report: Report): void {
  const fields = SELECTABLE[format]
  if (select === undefined) {
    if (format !== 'github') return
    const message = `is missing; name what counts, such as { ${fields[0] ?? ''}: ['…'] }`
    report({ path, code: 'bad-ranges', message })
  }
  for (const field of isRecord(select) ? Object.keys(select) : []) {
    if (fields.includes(field)) continue
    const known = fields.length === 0 ? 'leave select out' : `expected one of ${fields.join(', ')}`
    const message = `is not a field of ${format}; ${known}`
    report({ path: `${path}.${field.slice(0, 60)}`, code: 'bad-ranges', message })
  }
}
