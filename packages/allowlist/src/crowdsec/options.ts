import {
  boolean,
  custom,
  type FieldsOf,
  integer,
  list,
  type Report,
  readOptions,
  show,
  text,
  type Values,
} from '@truehop/options'
import { refusal } from '../allowlist-error.js'

export interface CrowdSecOptions {
  /** Of the Local API: `http://127.0.0.1:8080`. */
  readonly url: string
  /** What `cscli bouncers add` printed. */
  readonly apiKey: string
  /** Shown as the decision's `source`. Default `'crowdsec'`. */
  readonly name?: string | undefined
  /** Seconds from one look for changes to the next, 1 to 3600. Default 10. */
  readonly interval?: number | undefined
  /** Types of decisions that count. Default `['ban']`. */
  readonly types?: readonly string[] | undefined
  /** Origins of decisions that count: `crowdsec`, `cscli`, `CAPI`, `lists`. Default: all. */
  readonly origins?: readonly string[] | undefined
  /** Decisions held at most, 1 to 5,000,000. Default 100,000. */
  readonly maxEntries?: number | undefined
  /** Whether the Local API is told what was refused. Default true. */
  readonly usageMetrics?: boolean | undefined
  /** Seconds from one report to the next, 60 to 86,400. Default 1800. */
  readonly metricsInterval?: number | undefined
}

function readUrl(value: unknown, path: string, report: Report): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url !== undefined && isHttp && url.username === '' && url.password === '') return url
  const message = `must be an http or https URL without a password, got ${show(value)}; write 'http://127.0.0.1:8080'`
  report({ path, code: 'bad-option', message })
  return new URL('http://localhost')
}

/** What each option takes; the check, its message and the documentation come from here. */
export const CROWDSEC_OPTIONS = {
  url: custom<URL>(
    readUrl,
    'URL',
    undefined,
  )({ says: 'Of the Local API.', required: true, hint: "write 'http://127.0.0.1:8080'" }),
  apiKey: text({
    says: 'The key that `cscli bouncers add` printed.',
    most: 256,
    required: true,
    hint: 'write what cscli bouncers add printed',
  }),
  name: text({ says: 'Shown as `source` in decisions.', most: 64, default: 'crowdsec' }),
  interval: integer({
    says: 'From one look for changes to the next.',
    unit: 'seconds',
    least: 1,
    most: 3600,
    default: 10,
  }),
  types: list(text({ says: 'A type.', most: 64 }), {
    says: 'Types of decisions that count.',
    least: 1,
    most: 16,
    default: ['ban'],
  }),
  origins: list(text({ says: 'An origin.', most: 64 }), {
    says: 'Origins of decisions that count, such as `crowdsec`, `cscli`, `CAPI` and `lists`.',
    least: 1,
    most: 16,
    defaultSays: 'all',
  }),
  maxEntries: integer({
    says: 'Decisions held at most; further ones are left out, and `status()` says so.',
    least: 1,
    most: 5_000_000,
    default: 100_000,
  }),
  usageMetrics: boolean({
    says: 'Tells the Local API how many requests were seen and refused, by origin; addresses are not part of it.',
    default: true,
  }),
  metricsInterval: integer({
    says: 'From one such report to the next.',
    unit: 'seconds',
    least: 60,
    most: 86_400,
    default: 1800,
  }),
} satisfies FieldsOf<CrowdSecOptions>

export type CrowdSecSettings = Values<typeof CROWDSEC_OPTIONS>

/** @throws {AllowlistError} for anything that would have to be guessed. */
export function readCrowdSecOptions(options: CrowdSecOptions): CrowdSecSettings {
  return readOptions(CROWDSEC_OPTIONS, options, refusal, {
    says: '',
    hint: "write { url: 'http://127.0.0.1:8080', apiKey }",
  })
}
