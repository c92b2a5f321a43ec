import type { ProxyHeader, Tlv } from './header.js'

/** A header to write: what `decode` returns, or the same without `tlvs`. */
export type HeaderInput = Omit<ProxyHeader, 'tlvs'> & {
  readonly tlvs?: readonly Tlv[] | undefined
}

export interface EncodeOptions {
  /** Add a CRC32C TLV, section 2.2.3. One that is already in `tlvs` is recomputed in any case. */
  readonly crc32c?: boolean | undefined
}
