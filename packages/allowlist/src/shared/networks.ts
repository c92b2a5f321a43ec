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

/** A network that has as many entries as it takes. */
export interface FullNetwork {
  readonly prefix: Prefix
  /** The numbers of that many. */
  readonly inside: readonly number[]
}

interface Counted {
  readonly network: Prefix
  /** By number, the oldest first. */
  readonly inside: Set<number>
}

/** Which entries are in the networks around them. */
export class Networks {
  readonly #levels: readonly (Escalation & { readonly counted: PrefixTable<Counted> })[]

  constructor(escalations: readonly Escalation[]) {
    this.#levels = escalations.map((each) => ({ ...each, counted: new PrefixTable<Counted>() }))
  }

  /** Numbers of entries that are forgotten may be given to others. */
  count(prefix: Prefix, row: number): void {
    for (const level of this.#levels) {
      const network = around(prefix, level)
      if (network === undefined) continue
      const counted = level.counted.get(network)
      if (counted === undefined) level.counted.set(network, { network, inside: new Set([row]) })
      else counted.inside.add(row)
    }
  }

  forget(prefix: Prefix, row: number): void {
    for (const level of this.#levels) {
      const network = around(prefix, level)
      const counted = network && level.counted.get(network)
      if (counted === undefined) continue
      counted.inside.delete(row)
      if (counted.inside.size === 0) level.counted.delete(counted.network)
    }
  }

  /** The narrowest network around an entry that has as many in force as it takes. */
  fullAround(prefix: Prefix, isInForce: (row: number) => boolean): FullNetwork | undefined {
    const full = this.#levels.flatMap((level) => {
      const network = around(prefix, level)
      const counted = network && level.counted.get(network)
      if (counted === undefined || counted.inside.size < level.entries) return []
      const inside = firstOf(counted.inside, level.entries, isInForce)
      return inside.length < level.entries ? [] : [{ prefix: counted.network, inside }]
    })
    return full.sort((a, b) => b.prefix.length - a.prefix.length)[0]
  }
}

function firstOf(
  rows: Iterable<number>,
  most: number,
  isWanted: (row: number) => boolean,
): number[] {
  const wanted: number[] = []
  for (const row of rows) {
    if (isWanted(row) && wanted.push(row) === most) break
  }
  return wanted
}

function around(prefix: Prefix, level: Escalation): Prefix | undefined {
  const length = prefix.family === 4 ? level.ipv4Prefix : level.ipv6Prefix
  if (length === undefined || prefix.length <= length) return undefined
  return Prefix.of(prefix.address, length)
}
