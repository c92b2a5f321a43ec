import { brand } from '../brand.js'
import { ipv4Text, ipv6Text } from './address-text.js'

/**
 * An IPv4 or IPv6 address as a value: four unsigned 32-bit words, most significant first. An IPv4
 * address keeps its bits in `w3`, the other words are 0, and only `family` distinguishes 192.0.2.1
 * from ::192.0.2.1.
 *
 * There is no IPv4-mapped Address: ::ffff:0:0/96 (RFC 4291 section 2.5.5.2) is the IPv4 address
 * inside, so that one client has one value whichever socket it came through. IPv4-compatible,
 * NAT64 and 6to4 addresses stay IPv6: what they embed is a claim about some other party. There is
 * no zone and no port.
 */
export class Address {
  readonly family: 4 | 6
  // Kept signed: V8 stores a 32-bit signed integer in the object itself, and boxes anything larger.
  private readonly i0: number
  private readonly i1: number
  private readonly i2: number
  private readonly i3: number
  #text: string

  private constructor(family: 4 | 6, w0: number, w1: number, w2: number, w3: number) {
    this.family = family
    this.i0 = w0 | 0
    this.i1 = w1 | 0
    this.i2 = w2 | 0
    this.i3 = w3 | 0
    this.#text = ''
  }

  /** The IPv4 address of a 32-bit word in host order, signed or unsigned. */
  static ipv4(word: number): Address {
    return new Address(4, 0, 0, 0, word)
  }

  /** The address of four 32-bit words, signed or unsigned; IPv4-mapped words give IPv4. */
  static ipv6(w0: number, w1: number, w2: number, w3: number): Address {
    const mapped = (w0 | w1) === 0 && w2 >>> 0 === 0xffff
    return mapped ? new Address(4, 0, 0, 0, w3) : new Address(6, w0, w1, w2, w3)
  }

  /**
   * The address of `length` bytes (4 or 16) in network order at `offset`; IPv4-mapped bytes give
   * IPv4. Throws RangeError if `bytes` is too short.
   */
  static fromBytes(bytes: Uint8Array, offset: number, length: 4 | 16): Address {
    if (!(offset >= 0 && offset + length <= bytes.length)) {
      throw new RangeError(
        `must have ${length} bytes from offset ${offset}, got ${bytes.length} in all`,
      )
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length)
    if (length === 4) return Address.ipv4(view.getInt32(0))
    return Address.ipv6(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12))
  }

  get w0(): number {
    return this.i0 >>> 0
  }

  get w1(): number {
    return this.i1 >>> 0
  }

  get w2(): number {
    return this.i2 >>> 0
  }

  get w3(): number {
    return this.i3 >>> 0
  }

  /** Dotted decimal, or RFC 5952 text; no zone, port or brackets. Computed once, on first use. */
  get text(): string {
    if (this.#text === '') {
      this.#text =
        this.family === 4 ? ipv4Text(this.i3) : ipv6Text(this.i0, this.i1, this.i2, this.i3)
    }
    return this.#text
  }

  /** Same family and same bits. */
  equals(other: Address): boolean {
    return (
      this.family === other.family &&
      this.w3 === other.w3 &&
      this.w2 === other.w2 &&
      this.w1 === other.w1 &&
      this.w0 === other.w0
    )
  }

  /** True for 0.0.0.0 and ::, which name no host (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.2). */
  isUnspecified(): boolean {
    return (this.i0 | this.i1 | this.i2 | this.i3) === 0
  }

  /**
   * True for an address that one host can have. False for the unspecified address, for multicast
   * (224.0.0.0/4, RFC 5771; ff00::/8, RFC 4291 section 2.7) and for 255.255.255.255 (RFC 919), which
   * no packet may have as its source (RFC 1122 section 3.2.1.3).
   */
  isUnicast(): boolean {
    if (this.family === 6) return this.i0 >>> 24 !== 0xff && !this.isUnspecified()
    return isUnicastIpv4(this.i3)
  }

  /** A copy of the bits in network order: 4 or 16 bytes. */
  bytes(): Uint8Array {
    const view = new DataView(new ArrayBuffer(16))
    view.setInt32(0, this.i0)
    view.setInt32(4, this.i1)
    view.setInt32(8, this.i2)
    view.setInt32(12, this.i3)
    return new Uint8Array(view.buffer, this.family === 4 ? 12 : 0).slice()
  }

  /** The same as `text`. */
  toString(): string {
    return this.text
  }

  /** The same as `text`. */
  toJSON(): string {
    return this.text
  }

  /** What Node's `console.log` and `util.inspect` show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Address(${this.text})`
  }
}

brand(Address, 'Address/1')

/** `isUnicast` of the 32 bits of an IPv4 address, signed. */
export function isUnicastIpv4(word: number): boolean {
  return word !== 0 && word !== -1 && word >>> 28 !== 0xe
}
