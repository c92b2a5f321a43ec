import {
  custom,
  type FieldsOf,
  integer,
  isRecord,
  number,
  object,
  oneOf,
  type Report,
  show,
  text,
} from '@truehop/options'
import { WIDEST } from './edition.js'
import { RANGE_FORMATS, type RangesSelect } from './formats.js'
import type { FileRangesOptions, RangesSettings, UrlRangesOptions } from './ranges-options.js'

const CODE = 'bad-ranges'
const DAY = 86_400

/** What `rangesFrom` takes, and an entry of `from` in a policy file. */
export const RANGES_FIELDS = {
  file: text({
    says: 'Path of a list that is looked at for changes; this or `url` must be given.',
    code: CODE,
  }),
  url: custom<URL | undefined>(readUrl, '`https:` URL, or `http:` on a loopback address', {
    type: 'string',
    pattern: '^(https://[^/]|http://(127\\.[0-9.]+|\\[::1\\]|localhost)([:/]|$))',
  })({ says: 'Where the list is polled; this or `file` must be given.', code: CODE }),
  name: text({
    says: 'For logs, explanations and `policy.status()`.',
    defaultSays: 'the file or URL',
    code: CODE,
  }),
  format: oneOf(RANGE_FORMATS, {
    says: 'How the list is written.',
    required: true,
    code: CODE,
    hint: "write 'lines' for one entry a line",
  }),
  select: custom<RangesSelect | undefined>(readSelect, 'object of arrays of strings, by field', {
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
  })({
    says: "Which entries of the list count; `'github'` needs `{ list: ['hooks'] }`.",
    defaultSays: 'all',
    code: CODE,
  }),
  refresh: integer({
    says: 'Time between two reads of the source.',
    least: 1,
    most: 7 * DAY,
    unit: 'seconds',
    defaultSays: '5 for files, 3600 for URLs',
    code: CODE,
  }),
  minimum: integer({
    says: 'Minimum number of prefixes in a list.',
    least: 1,
    most: 2_000_000,
    default: 1,
    code: CODE,
  }),
  maximumShrink: number({
    says: 'The share of prefixes that one update may take away.',
    least: 0,
    most: 1,
    default: 0.5,
    code: CODE,
  }),
  widest: object(
    {
      ipv4: integer({ says: 'Of IPv4.', least: 1, most: 32, default: WIDEST[4], code: CODE }),
      ipv6: integer({ says: 'Of IPv6.', least: 1, most: 128, default: WIDEST[6], code: CODE }),
    },
    {
      says: 'Bits of the shortest prefixes that a list may have.',
      code: CODE,
      hint: 'write { ipv4: 3 }',
    },
  ),
  staleAfter: integer({
    says: 'Time after which unconfirmed ranges are stale.',
    least: 1,
    most: 3650 * DAY,
    unit: 'seconds',
    default: 30 * DAY,
    code: CODE,
  }),
  keep: text({
    says: 'File for the last good copy; nobody but the service may write there.',
    defaultSays: 'none',
    code: CODE,
  }),
  initial: custom<RangesSettings['initial']>(
    readInitial,
    "`{ entries: ['…'], date: '2026-01-31' }`",
    {
      type: 'object',
      required: ['entries', 'date'],
      properties: {
        entries: { type: 'array', items: { type: 'string' } },
        date: { type: 'string', pattern: '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' },
      },
    },
  )({
    says: 'Ranges in force until the first list arrives, such as one of `providers`.',
    defaultSays: 'none',
    code: CODE,
  }),
} satisfies FieldsOf<FileRangesOptions & UrlRangesOptions>

function readUrl(value: unknown, path: string, report: Report): URL | undefined {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url !== undefined && `${url.username}${url.password}` !== '') {
    const message =
      'must not contain a user name or password, which logs would show; write it without'
    report({ path, code: CODE, message })
    return undefined
  }
  if (url?.protocol === 'https:') return url
  if (url?.protocol === 'http:' && /^(127\.[\d.]+|\[::1\]|localhost)$/.test(url.hostname)) {
    return url
  }
  const message = `must be an https: URL, got ${show(value)}; anyone who can change the list is trusted`
  report({ path, code: CODE, message })
  return undefined
}

/** The fields are checked together with the format, which defines them. */
function readSelect(select: unknown, path: string, report: Report): RangesSelect | undefined {
  if (!isRecord(select)) {
    const message = `must be an object that names what counts, got ${show(select)}; write { list: ['…'] }`
    report({ path, code: CODE, message })
    return undefined
  }
  const fields = Object.entries(select)
  for (const [field, values] of fields) {
    if (isStrings(values)) continue
    const message = `must be an array of strings, got ${show(values)}`
    report({ path: `${path}.${field.slice(0, 60)}`, code: CODE, message })
  }
  return Object.fromEntries(
    fields.filter((field): field is [string, string[]] => isStrings(field[1])),
  )
}

function readInitial(initial: unknown, path: string, report: Report): RangesSettings['initial'] {
  const { entries, date } = isRecord(initial) ? initial : {}
  if (isStrings(entries) && isDay(date)) return { entries, date }
  const message = `must be { entries: ['…'], date: '2026-01-31' }, got ${show(initial)}; write one of providers`
  report({ path, code: CODE, message })
  return undefined
}

function isStrings(values: unknown): values is readonly string[] {
  return Array.isArray(values) && [...values].every((value) => typeof value === 'string')
}

/** `2026-01-31`, as in `providers`. */
function isDay(date: unknown): date is string {
  return (
    typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date))
  )
}
