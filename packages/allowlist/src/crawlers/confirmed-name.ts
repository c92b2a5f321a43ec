import { Resolver } from 'node:dns/promises'
import { type Address, parseAddress } from '@truehop/ip'

/** Milliseconds for one question, which is asked once more. */
const TIMEOUT = 2000

/** Host names of one address that are looked at: whoever has the address can write thousands. */
const MOST_NAMES = 8

/** Answers that say there is no such name or record, and are no errors. */
const NOTHING: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

/** Finds host names of addresses that have the address themselves. */
export class ConfirmedNames {
  readonly #resolver: Resolver

  /** Throws for servers that are no addresses. */
  constructor(servers: readonly string[] | undefined) {
    this.#resolver = new Resolver({ timeout: TIMEOUT, tries: 2 })
    if (servers !== undefined) this.#resolver.setServers(servers)
  }

  /**
   * A host name of the address under one of the domains, that has this address: its owner alone can say
   * the first, and the owner of the domain alone the second. Undefined where there is none; rejects
   * where DNS does not answer.
   */
  async under(domains: readonly string[], address: Address): Promise<string | undefined> {
    const names = await orNothing(this.#resolver.reverse(address.text))
    const plausible = names
      .slice(0, MOST_NAMES)
      .map(plain)
      .filter((name) => isUnder(domains, name))
    for (const name of plausible) if (await this.#has(name, address)) return name
    return undefined
  }

  close(): void {
    this.#resolver.cancel()
  }

  async #has(name: string, address: Address): Promise<boolean> {
    const { family } = address
    const question = family === 4 ? this.#resolver.resolve4(name) : this.#resolver.resolve6(name)
    const answers = await orNothing(question)
    return answers.some((text) => parseAddress(text)?.equals(address) === true)
  }
}

async function orNothing(question: Promise<string[]>): Promise<string[]> {
  try {
    return await question
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOTHING.has(error.code)) return []
    throw error
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

function isUnder(domains: readonly string[], name: string): boolean {
  return domains.some((domain) => name.endsWith(`.${domain}`))
}
