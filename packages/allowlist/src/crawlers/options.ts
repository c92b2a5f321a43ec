import {
  custom,
  type FieldsOf,
  integer,
  isRecord,
  list,
  type Report,
  readOptions,
  show,
  text,
  type Values,
} from '@truehop/options'
import { refusal } from '../allowlist-error.js'
import { type Crawler, KNOWN_CRAWLERS } from './known.js'

export interface CrawlersOptions {
  /** Names of known crawlers, and crawlers of your own. */
  readonly crawlers: readonly (string | Crawler)[]
  /** Shown as the decision's `source`. Default `'crawlers'`. */
  readonly name?: string | undefined
  /** DNS servers, `'127.0.0.1'` or `'127.0.0.1:5353'`. Default: those of the system. */
  readonly servers?: readonly string[] | undefined
  /** Addresses remembered at most, 100 to 1,000,000. Default 10,000. */
  readonly maxEntries?: number | undefined
  /** Seconds for which an answer is remembered, 60 to 604,800. Default 86,400. */
  readonly ttl?: number | undefined
}

const NAMES = KNOWN_CRAWLERS.map(({ name }) => name)

function readCrawler(value: unknown, path: string, report: Report): Crawler {
  const known = KNOWN_CRAWLERS.find(({ name }) => name === value)
  if (known !== undefined) return known
  if (isCrawler(value)) return value
  const message = `must be one of ${NAMES.join(', ')}, or an object with name and hosts, got ${show(value)}; write 'googlebot' or { name: 'ours', hosts: ['crawler.example.com'] }`
  report({ path, code: 'bad-option', message })
  return { name: '', hosts: [] }
}

function isCrawler(value: unknown): value is Crawler {
  if (!isRecord(value)) return false
  const { name, userAgent = '-', hosts, ranges } = value
  const isText = (each: unknown): boolean => typeof each === 'string' && each !== ''
  if (!isText(name) || !isText(userAgent)) return false
  const hasRanges = isRecord(ranges)
    ? 'has' in ranges && typeof ranges['has'] === 'function'
    : false
  if (ranges !== undefined && !hasRanges) return false
  // A domain of one label would be a whole top-level domain.
  const isDomain = (each: unknown): boolean =>
    typeof each === 'string' && /^([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}$/.test(each)
  return Array.isArray(hosts) && hosts.every(isDomain) && (hosts.length > 0 || hasRanges)
}

/** What each option takes; the check, its message and the documentation come from here. */
export const CRAWLERS_OPTIONS = {
  crawlers: list(
    custom<Crawler>(
      readCrawler,
      'names (`googlebot`, `bingbot`, `applebot`, `yandexbot`) and objects',
      undefined,
    )({ says: '' }),
    {
      says: 'Crawlers to verify.',
      least: 1,
      most: 64,
      required: true,
      hint: "write ['googlebot', 'bingbot']",
    },
  ),
  name: text({ says: 'Shown as `source` in decisions.', most: 64, default: 'crawlers' }),
  servers: list(text({ says: 'A server.', most: 64 }), {
    says: "DNS servers, `'127.0.0.1'` or `'127.0.0.1:5353'`.",
    least: 1,
    most: 8,
    defaultSays: 'those of the system',
  }),
  maxEntries: integer({
    says: 'Addresses remembered at most.',
    least: 100,
    most: 1_000_000,
    default: 10_000,
  }),
  ttl: integer({
    says: 'How long an answer is remembered. After an error of DNS it is a minute.',
    unit: 'seconds',
    least: 60,
    most: 604_800,
    default: 86_400,
  }),
} satisfies FieldsOf<CrawlersOptions>

/** @throws {AllowlistError} for anything that would have to be guessed. */
export function readCrawlersOptions(options: CrawlersOptions): Values<typeof CRAWLERS_OPTIONS> {
  return readOptions(CRAWLERS_OPTIONS, options, refusal, {
    says: '',
    hint: "write { crawlers: ['googlebot'] }",
  })
}
