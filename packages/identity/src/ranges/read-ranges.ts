import { isRecord, memberOf, Problems, type Report, readFields } from '@truehop/options'
import { policyError } from '../policy/error.js'
import { WIDEST } from './edition.js'
import { type RangesFormat, SELECTABLE } from './formats.js'
import { RANGES_FIELDS } from './ranges-fields.js'
import type { RangesSettings } from './ranges-options.js'

/**
 * The settings that the options amount to; undefined if something was reported. `path` is where the
 * options are.
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
