import type { ClientIdentity } from '@truehop/identity'
import { within } from '@truehop/identity/adapter'
import { type Address, Prefix } from '@truehop/ip'
import { brand } from '@truehop/ip/internal'
import { AllowlistError } from '../allowlist-error.js'
import { ConfirmedNames } from './confirmed-name.js'
import type { Crawler } from './known.js'
import { type CrawlersOptions, readCrawlersOptions } from './options.js'
import { Verdicts } from './verdicts.js'

/** Addresses that are looked up at the same time: others come again. */
const MOST_LOOKUPS = 16

/**
 * Those of one network: whoever has its names can let each question wait for its deadline, and with all
 * places taken no crawler would be looked up.
 */
const MOST_IN_NETWORK = 4

/** Bits of such a network: what a site has (RFC 6177 section 2), and the smallest that is routed. */
const NETWORK_BITS = { 4: 24, 6: 48 } as const

/** Milliseconds for all questions about an address: whoever has its names can let each of them wait. */
const LOOKED_UP_WITHIN = 10_000

/** Milliseconds for which nothing is asked of an address after DNS did not answer. */
const AFTER_ERROR = 60_000

/** Characters of a User-Agent that are looked at. */
const LONGEST = 1024

/** What the access record has of an address. */
export interface CrawlerFacts {
  readonly synthetic?: 'bot' | undefined
  readonly crawler?: string | undefined
}

interface Lookup {
  readonly network: string
  readonly done: Promise<void>
}

/**
 * Crawlers that are who they say they are: their address is among those that the operator publishes, or
 * has a host name of the operator's that has this address (forward-confirmed reverse DNS).
 *
 * No request waits for DNS: the first one of an address is undetermined, and not verified. Only addresses
 * that claim to be a crawler in `User-Agent` are looked up, few at a time.
 */
export class VerifiedCrawlers {
  readonly name: string
  readonly #crawlers: readonly Crawler[]
  readonly #names: ConfirmedNames
  readonly #verdicts: Verdicts
  readonly #ttl: number
  readonly #looking = new Map<string, Lookup>()

  constructor(options: CrawlersOptions) {
    const { name, crawlers, servers, maxEntries, ttl } = readCrawlersOptions(options)
    this.name = name
    this.#crawlers = crawlers
    this.#names = namesFrom(servers)
    this.#verdicts = new Verdicts(maxEntries)
    this.#ttl = ttl * 1000
  }

  /**
   * Whether a client is the crawler that its `User-Agent` names. False while that is not known; asking
   * makes it known, later. For `skip` of a limit. Never throws.
   */
  isVerified(identity: ClientIdentity, userAgent: string | undefined): boolean {
    if (identity.status !== 'resolved' || userAgent === undefined) return false
    const crawler = this.#claimed(userAgent)
    if (crawler === undefined) return false
    const { address } = identity
    if (crawler.ranges?.has(address) === true) return true
    const known = this.#verdicts.get(address.text, performance.now())
    if (known === undefined) this.#lookUp(crawler, address)
    return known?.crawler === crawler.name
  }

  /** Whether an address is known to be a verified crawler's. Asks nobody. */
  has(address: Address): boolean {
    return this.#crawlerAt(address) !== undefined
  }

  /** The name of the crawler that an address is known to belong to. Asks nobody. */
  match(address: Address): { readonly entry: string } | undefined {
    const entry = this.#crawlerAt(address)
    return entry === undefined ? undefined : { entry }
  }

  /** For the access record: a verified crawler is a bot. */
  facts(address: Address): CrawlerFacts {
    const crawler = this.#crawlerAt(address)
    return crawler === undefined ? {} : { synthetic: 'bot', crawler }
  }

  /** Addresses verified by DNS that are remembered. */
  status(): { readonly name: string; readonly size: number } {
    return { name: this.name, size: this.#verdicts.size }
  }

  /** Settles when nothing is being looked up any more. */
  async settled(): Promise<void> {
    while (this.#looking.size > 0) {
      await Promise.all([...this.#looking.values()].map(({ done }) => done))
    }
  }

  /** Ends what is being looked up. */
  close(): void {
    this.#names.close()
  }

  #claimed(userAgent: string): Crawler | undefined {
    const text = userAgent.slice(0, LONGEST).toLowerCase()
    return this.#crawlers.find(({ name, userAgent: token = name }) =>
      text.includes(token.toLowerCase()),
    )
  }

  #crawlerAt(address: Address): string | undefined {
    const published = this.#crawlers.find(({ ranges }) => ranges?.has(address) === true)
    return published?.name ?? this.#verdicts.get(address.text, performance.now())?.crawler
  }

  #lookUp(crawler: Crawler, address: Address): void {
    const { text } = address
    if (crawler.hosts.length === 0 || this.#looking.has(text)) return
    if (this.#looking.size >= MOST_LOOKUPS) return
    const network = Prefix.of(address, NETWORK_BITS[address.family]).text
    const near = [...this.#looking.values()].filter((lookup) => lookup.network === network)
    if (near.length >= MOST_IN_NETWORK) return
    const done = this.#verdictOn(crawler, address).finally(() => this.#looking.delete(text))
    this.#looking.set(text, { network, done })
  }

  async #verdictOn(crawler: Crawler, address: Address): Promise<void> {
    try {
      const name = await within(LOOKED_UP_WITHIN, this.#names.under(crawler.hosts, address))
      const verdict = name === undefined ? undefined : crawler.name
      this.#verdicts.set(address.text, { crawler: verdict, until: performance.now() + this.#ttl })
    } catch {
      this.#verdicts.set(address.text, {
        crawler: undefined,
        until: performance.now() + AFTER_ERROR,
      })
    }
  }
}

brand(VerifiedCrawlers, 'VerifiedCrawlers/1')

/** Verifies crawlers. Throws `AllowlistError` for bad options. */
export function verifiedCrawlers(options: CrawlersOptions): VerifiedCrawlers {
  return new VerifiedCrawlers(options)
}

function namesFrom(servers: readonly string[] | undefined): ConfirmedNames {
  try {
    return new ConfirmedNames(servers)
  } catch {
    throw new AllowlistError(
      'bad-option',
      'servers',
      "must be addresses of DNS servers, with ports where they are not 53; write ['127.0.0.1:5353']",
    )
  }
}
