import type { Address } from '@truehop/ip'

/** A crawler that names itself in `User-Agent`, and the host names that its operator has. */
export interface Crawler {
  readonly name: string
  /** What its `User-Agent` contains, in any case. Default: the name. */
  readonly userAgent?: string | undefined
  /** Domains under which the host names of its addresses are. Empty for one without. */
  readonly hosts: readonly string[]
  /** The addresses that its operator publishes: `rangesFrom(...)`. */
  readonly ranges?: { has(address: Address): boolean } | undefined
}

/**
 * Crawlers whose operators say that their addresses have host names, which have these addresses, and
 * under which domains: developers.google.com/search/docs/crawling-indexing/verifying-googlebot,
 * bing.com/webmasters/help, support.apple.com/119829, yandex.com/support/webmaster (2026-11-30).
 *
 * Of Google's domains only the one of its common crawlers: under googleusercontent.com are the machines
 * that it rents out, and under google.com proxies that fetch what their users ask for.
 */
export const KNOWN_CRAWLERS: readonly Crawler[] = [
  { name: 'googlebot', hosts: ['googlebot.com'] },
  { name: 'bingbot', hosts: ['search.msn.com'] },
  { name: 'applebot', hosts: ['applebot.apple.com'] },
  { name: 'yandexbot', userAgent: 'yandex', hosts: ['yandex.ru', 'yandex.net', 'yandex.com'] },
]
