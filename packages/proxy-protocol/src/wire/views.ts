import { u8, u32, utf8Text } from './bytes.js'
import type { ProxyHeader, Tlv } from './header.js'
import { type SslView, sslView } from './ssl.js'
import { TlvType } from './tlv.js'

/**
 * What the TLVs of a header say, by name, in addition to the raw list in `header.tlvs`. Each is
 * undefined if the header has no such TLV, or one whose value is not of the vendor's form; the raw
 * TLV is there in any case. If there are several of one type, the first counts; `all` gives every
 * one.
 *
 * The sender wrote them: believe them as far as the addresses in the same header, no further.
 */
export interface TlvViews {
  /** Protocol of the client's connection as ALPN names it (`h2`, `http/1.1`), section 2.2.1. */
  readonly alpn: string | undefined
  /** Host name the client asked for, usually the TLS server name, section 2.2.2. */
  readonly authority: string | undefined
  /** The checksum as sent; `decode` has verified it unless set not to. Section 2.2.3. */
  readonly crc32c: number | undefined
  /** Opaque, at most 128 bytes, section 2.2.5. */
  readonly uniqueId: Uint8Array | undefined
  /** Name of the network namespace, section 2.2.7. */
  readonly netns: string | undefined
  /** TLS on the client's connection, section 2.2.6. */
  readonly ssl: SslView | undefined
  /** AWS `vpce-…`: the endpoint of a PrivateLink connection. Type 0xEA, subtype 1. */
  readonly awsVpcEndpointId: string | undefined
  /** Azure Private Link id; 32 bits, little-endian on the wire. Type 0xEE, subtype 1. */
  readonly azureLinkId: number | undefined
  /** Google Private Service Connect id; 64 bits, big-endian on the wire. Type 0xE0. */
  readonly googlePscConnectionId: bigint | undefined
  /** Every value of one type, in the order sent. */
  all(type: number): Uint8Array[]
}

/** The typed views of `header.tlvs`. Costs nothing until one is read. */
export function tlvViews(header: Pick<ProxyHeader, 'tlvs'>): TlvViews {
  return new LazyViews(header.tlvs)
}

class LazyViews implements TlvViews {
  readonly #tlvs: readonly Tlv[]

  constructor(tlvs: readonly Tlv[]) {
    this.#tlvs = tlvs
  }

  get alpn(): string | undefined {
    return text(this.#first(TlvType.ALPN))
  }

  get authority(): string | undefined {
    return text(this.#first(TlvType.AUTHORITY))
  }

  get crc32c(): number | undefined {
    const value = this.#first(TlvType.CRC32C)
    return value?.length === 4 ? u32(value, 0) : undefined
  }

  get uniqueId(): Uint8Array | undefined {
    return this.#first(TlvType.UNIQUE_ID)
  }

  get netns(): string | undefined {
    return text(this.#first(TlvType.NETNS))
  }

  get ssl(): SslView | undefined {
    const value = this.#first(TlvType.SSL)
    return value && sslView(value)
  }

  get awsVpcEndpointId(): string | undefined {
    const value = this.#vendor(TlvType.AWS)
    return value && utf8Text(value.subarray(1))
  }

  get azureLinkId(): number | undefined {
    const value = this.#vendor(TlvType.AZURE)
    return value?.length === 5 ? littleEndian(value, 1) : undefined
  }

  get googlePscConnectionId(): bigint | undefined {
    const value = this.#first(TlvType.GOOGLE_PSC)
    if (value?.length !== 8) return undefined
    return (BigInt(u32(value, 0)) << 32n) | BigInt(u32(value, 4))
  }

  all(type: number): Uint8Array[] {
    return this.#tlvs.filter((tlv) => tlv.type === type).map((tlv) => tlv.value)
  }

  #first(type: number): Uint8Array | undefined {
    return this.#tlvs.find((tlv) => tlv.type === type)?.value
  }

  /** AWS and Azure share their type with future TLVs: the first byte says which, 1 is the id. */
  #vendor(type: number): Uint8Array | undefined {
    return this.#tlvs.find((tlv) => tlv.type === type && tlv.value[0] === 1)?.value
  }
}

function text(value: Uint8Array | undefined): string | undefined {
  return value && utf8Text(value)
}

function littleEndian(bytes: Uint8Array, at: number): number {
  const high = (u8(bytes, at + 3) << 8) | u8(bytes, at + 2)
  return ((high << 16) | (u8(bytes, at + 1) << 8) | u8(bytes, at)) >>> 0
}
