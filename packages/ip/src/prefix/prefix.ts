import { Address } from '../address/address.js'
import { parseAddress } from '../address/parse-address.js'
import { wordMask } from '../address/word-mask.js'
import { brand } from '../brand.js'
import { adviseAddress, adviseLength } from './prefix-advice.js'
import { PrefixError, quote } from './prefix-error.js'

/** A CIDR prefix (RFC 4632, RFC 4291 section 2.3): the addresses that share their first `length` bits. */
export class Prefix {
  /** The first address: every bit after the prefix is 0. */
  readonly address: Address
  /** Bits: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly length: number
  /** As written by the operator, or the name it came from. */
  readonly entry: string
  /** What was read instead, if the entry had bits set beyond its length; otherwise undefined. */
  readonly warning: string | undefined

  private constructor(address: Address, length: number, entry: string, warning?: string) {
    this.address = address
    this.length = length
    this.entry = entry
    this.warning = warning
  }

  /**
   * The prefix of `length` bits around an address. `entry` defaults to its own text. Throws
   * RangeError for a length that the family does not have.
   */
  static of(address: Address, length: number, entry?: string): Prefix {
    const bits = address.family === 4 ? 32 : 128
    if (!(Number.isInteger(length) && length >= 0 && length <= bits)) {
      throw new RangeError(
        `the length of an IPv${address.family} prefix must be an integer from 0 to ${bits}, got ${length}`,
      )
    }
    const first = firstAddress(address, length)
    return new Prefix(first, length, entry ?? `${first.text}/${length}`)
  }

  /** Like `of`, with a warning if `address` is not the first of the prefix. */
  static written(address: Address, length: number, entry: string): Prefix {
    const prefix = Prefix.of(address, length, entry)
    if (prefix.address.equals(address)) return prefix
    const warning = `${quote(entry)} has bits set beyond its length: read as ${prefix.text}`
    return new Prefix(prefix.address, length, entry, warning)
  }

  get family(): 4 | 6 {
    return this.address.family
  }

  /**
   * Canonical: RFC 5952 text of the first address, `/`, and the length, even for a single address.
   */
  get text(): string {
    return `${this.address.text}/${this.length}`
  }

  /** True for an address of the same family within the prefix. ::/0 contains no IPv4 address. */
  contains(address: Address): boolean {
    const { address: first, length, family } = this
    if (address.family !== family) return false
    if (family === 4) return ((address.w3 ^ first.w3) & wordMask(length)) === 0
    return (
      ((address.w0 ^ first.w0) & wordMask(length)) === 0 &&
      ((address.w1 ^ first.w1) & wordMask(length - 32)) === 0 &&
      ((address.w2 ^ first.w2) & wordMask(length - 64)) === 0 &&
      ((address.w3 ^ first.w3) & wordMask(length - 96)) === 0
    )
  }

  /** The same as `text`. */
  toString(): string {
    return this.text
  }

  /** The same as `text`. */
  toJSON(): string {
    return this.text
  }
}

brand(Prefix, 'Prefix/1')

/**
 * The prefix that an entry of a configuration means: `192.0.2.0/24`, `2001:db8::/32`, or a single
 * address. The address follows the rules of `parseAddress`, without a zone; the length is decimal
 * without leading zeros. An IPv4-mapped prefix of 96 bits or more becomes the IPv4 prefix inside.
 * Bits set beyond the length are cleared and leave a `warning`.
 *
 * Throws PrefixError, whose message names the entry and says what to write instead. For start-up,
 * not for requests.
 */
export function parsePrefix(text: string): Prefix {
  if (typeof text !== 'string') {
    throw new PrefixError('bad-cidr', String(text), adviseAddress(String(text)))
  }
  const slash = text.indexOf('/')
  const end = slash < 0 ? text.length : slash
  const zoned = text.lastIndexOf('%', end) >= 0
  const address = zoned ? undefined : parseAddress(text, 0, end)
  if (address === undefined) throw new PrefixError('bad-cidr', text, adviseAddress(text))
  const bits = text.lastIndexOf(':', end) >= 0 ? 128 : 32
  const written = slash < 0 ? bits : readLength(text, slash + 1)
  // IPv4-mapped text counts 128 bits, the first 96 of which are gone from the address.
  const length = address.family === 4 && bits === 128 ? written - 96 : written
  if (written < 0 || written > bits || length < 0) {
    throw new PrefixError('bad-prefix', text, adviseLength(text, address, bits))
  }
  return Prefix.written(address, length, text)
}

/** Decimal digits without leading zeros from `start` to the end of the text, or -1. */
function readLength(text: string, start: number): number {
  const digits = text.length - start
  if (digits < 1 || digits > 3) return -1
  let length = 0
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (!(digit >= 0 && digit <= 9) || (at > start && length === 0)) return -1
    length = length * 10 + digit
  }
  return length
}

function firstAddress(address: Address, length: number): Address {
  if (address.family === 4) return Address.ipv4(address.w3 & wordMask(length))
  return Address.ipv6(
    address.w0 & wordMask(length),
    address.w1 & wordMask(length - 32),
    address.w2 & wordMask(length - 64),
    address.w3 & wordMask(length - 96),
  )
}
