import { Prefix } from '@truehop/ip'
import { PrefixTable } from '../prefix-table.js'

/** When the entries in a network become the network's. */
export interface Escalation {
  /** Entries in one network, 2 to 1,000. */
  readonly entries: number
  /** Bits of the network for IPv4, 8 to 31. Without it, IPv4 entries stay as they are. */
  readonly ipv4Prefix?: number | undefined
  /** Bits of the network for IPv6, 16 to 127. Without it, IPv6 entries stay as they are. */
  readonly ipv6Prefix?: number | undefined
}

/** Entries in one network. */
export interface Network {
  readonly prefix: Prefix
  /** At most so many as it takes. */
  readonly inside: readonly Prefix[]
}

interface Counted {
  readonly network: Prefix
  count: number
  readonly inside: Prefix[]
}

/** Counts entries in the networks around them. */
export class Networks {
  readonly #levels: readonly (Escalation & { readonly counted: PrefixTable<Counted> })[]

  constructor(escalations: readonly Escalation[]) {
    this.#levels = escalations.map((each) => ({ ...each, counted: new PrefixTable<Counted>() }))
  }

  count(prefix: Prefix): void {
    for (const level of this.#levels) {
      const network = around(prefix, level)
      if (network === undefined) continue
      const counted = level.counted.get(network) ?? { network, count: 0, inside: [] }
      counted.count++
      if (counted.inside.length < level.entries) counted.inside.push(prefix)
      level.counted.set(network, counted)
    }
  }

  forget(prefix: Prefix): void {
    for (const level of this.#levels) {
      const network = around(prefix, level)
      const counted = network && level.counted.get(network)
      if (counted === undefined) continue
      counted.count--
      const at = counted.inside.findIndex((each) => isSame(each, prefix))
      if (at !== -1) counted.inside.splice(at, 1)
      if (counted.count === 0) level.counted.delete(counted.network)
    }
  }

  /** The narrowest network around an entry that has as many as it takes. */
  fullAround(prefix: Prefix): Network | undefined {
    const full = this.#levels.flatMap((level) => {
      const network = around(prefix, level)
      const counted = network && level.counted.get(network)
      if (counted === undefined || counted.count < level.entries) return []
      return [{ prefix: counted.network, inside: [...counted.inside] }]
    })
    return full.sort((a, b) => b.prefix.length - a.prefix.length)[0]
  }
}

function around(prefix: Prefix, level: Escalation): Prefix | undefined {
  const length = prefix.family === 4 ? level.ipv4Prefix : level.ipv6Prefix
  if (length === undefined || prefix.length <= length) return undefined
  return Prefix.of(prefix.address, length)
}

function isSame(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && a.address.equals(b.address)
}
