import { Pace } from '@truehop/identity/adapter'
import type { Address } from '@truehop/ip'
import { brand } from '@truehop/ip/internal'
import { show } from '@truehop/options'
import { AllowlistError } from '../allowlist-error.js'
import type { LiveSource } from '../live-source.js'
import { Database } from './database.js'
import { type GeoFacts, isAsn, together } from './facts.js'
import { type GeoOptions, readGeoOptions } from './options.js'

/** The state of the databases. */
export interface GeoStatus {
  readonly name: string
  readonly files: readonly { readonly path: string; readonly builtAt: number }[]
  /** Why the last look at a file failed; undefined where none did. */
  readonly lastError: string | undefined
}

/**
 * Countries and autonomous systems of addresses, from MaxMind DB files. A file that is replaced is taken
 * over whole; one that is broken or gone leaves the last good one in force.
 */
export class Geo {
  readonly name: string
  readonly #databases: readonly Database[]
  readonly #pace: Pace
  #failures = 0
  #lastError: string | undefined
  #isClosed = false
  /** One decision asks for one address many times, once for each country in a list. */
  #last: { readonly address: Address; readonly facts: GeoFacts } | undefined

  private constructor(name: string, databases: readonly Database[], pace: Pace) {
    this.name = name
    this.#databases = databases
    this.#pace = pace
  }

  /** Rejects with `AllowlistError` for bad options, and where a file cannot be used. */
  static async open(options: GeoOptions): Promise<Geo> {
    const { name, files, refresh } = readGeoOptions(options)
    const { Reader } = await reader()
    const databases = files.map((path) => new Database(path, Reader))
    const geo = new Geo(name, databases, new Pace(refresh))
    await geo.refresh().catch((error: unknown) => {
      geo.close()
      throw error
    })
    return geo
  }

  /** What the databases say about an address. Never throws. */
  facts(address: Address): GeoFacts {
    if (this.#last?.address === address) return this.#last.facts
    const facts = this.#databases.reduce<GeoFacts>(
      (known, database) => together(known, database.facts(address)),
      {},
    )
    this.#last = { address, facts }
    return facts
  }

  /** The clients of a country, ISO 3166-1 alpha-2: `'DE'`. Throws `AllowlistError` for anything else. */
  country(code: unknown, path = 'country'): LiveSource {
    if (typeof code !== 'string' || !/^[A-Z]{2}$/.test(code)) {
      throw badGeo(path, code, "must be two capital letters of ISO 3166-1; write 'DE'")
    }
    return this.#source(`country: ${code}`, ({ country }) => country === code)
  }

  /** The clients of an autonomous system: `64500`. Throws `AllowlistError` for anything else. */
  asn(number: unknown, path = 'asn'): LiveSource {
    if (!isAsn(number)) {
      throw badGeo(path, number, 'must be an integer from 1 to 4294967295; write 64500')
    }
    return this.#source(`asn: ${number}`, ({ asn }) => asn === number)
  }

  status(): GeoStatus {
    const files = this.#databases.map(({ path, builtAt }) => ({ path, builtAt }))
    return { name: this.name, files, lastError: this.#lastError }
  }

  /** Looks at the files now. Rejects where one cannot be used; what is in force stays. */
  async refresh(): Promise<void> {
    try {
      for (const database of this.#databases) await this.#refreshOne(database)
      this.#failures = 0
      this.#lastError = undefined
    } catch (error) {
      this.#failures++
      this.#lastError = error instanceof Error ? error.message : String(error)
      throw error
    } finally {
      this.#last = undefined
      if (!this.#isClosed)
        this.#pace.next(this.#failures, () => void this.refresh().catch(() => {}))
    }
  }

  /** Ends looking at the files. */
  close(): void {
    this.#isClosed = true
    this.#pace.stop()
  }

  async #refreshOne(database: Database): Promise<void> {
    try {
      await database.refresh()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new AllowlistError(
        'bad-source',
        'files',
        `${database.path} cannot be used as a MaxMind DB file: ${why}; write the path of one`,
      )
    }
  }

  #source(entry: string, isIn: (facts: GeoFacts) => boolean): LiveSource {
    const has = (address: Address): boolean => isIn(this.facts(address))
    return { name: this.name, has, match: (address) => (has(address) ? { entry } : undefined) }
  }
}

brand(Geo, 'Geo/1')

/**
 * Opens MaxMind DB files, for `{ country: 'DE' }` and `{ asn: 64500 }` in lists and for the access record.
 * Rejects with `AllowlistError`.
 */
export function openGeo(options: GeoOptions): Promise<Geo> {
  return Geo.open(options)
}

/** Loaded by those alone who open such files. */
const reader = (): Promise<typeof import('mmdb-lib')> => import('mmdb-lib')

function badGeo(path: string, value: unknown, what: string): AllowlistError {
  const [must, hint] = what.split('; ')
  return new AllowlistError('bad-entry', path, `${must}, got ${show(value)}; ${hint}`)
}
