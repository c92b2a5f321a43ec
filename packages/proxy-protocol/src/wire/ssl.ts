import { u8, u32, utf8Text } from './bytes.js'
import type { Tlv } from './header.js'
import { SSL_HEAD_BYTES, SslSubtype, splitTlvs } from './tlv.js'

const CLIENT_SSL = 0x01
const CLIENT_CERT_CONN = 0x02
const CLIENT_CERT_SESS = 0x04

/**
 * The SSL TLV, section 2.2.6.
 *
 *      0        1                                   5
 *     +--------+-----------------------------------+---------------------------
 *     | client |  verify, big-endian               |  sub-TLVs 0x21 to 0x28 ...
 *     +--------+-----------------------------------+---------------------------
 *      bit 0: TLS   bit 1: certificate on this connection   bit 2: in this session
 */
export interface SslView {
  /** The client bits as sent. */
  readonly client: number
  /** The client's connection used TLS. */
  readonly tls: boolean
  /** The client presented a certificate on this connection. */
  readonly certOnConnection: boolean
  /** The client presented a certificate at least once in this TLS session. */
  readonly certInSession: boolean
  /** Result of the verification: 0 is success, anything else the sender's error number. */
  readonly verify: number
  /**
   * A certificate was presented and verified. Senders write `verify` 0 for clients without a
   * certificate too, so `verify` alone proves nothing.
   */
  readonly verified: boolean
  /** `TLSv1.3` and the like, 0x21. */
  readonly version: string | undefined
  /** Common name of the client's certificate, 0x22. */
  readonly cn: string | undefined
  /** Cipher, 0x23. */
  readonly cipher: string | undefined
  /** Algorithm that signed the sender's own certificate, 0x24. */
  readonly sigAlg: string | undefined
  /** Key algorithm of the sender's own certificate, 0x25. */
  readonly keyAlg: string | undefined
  /** Group of the key exchange, 0x26. */
  readonly group: string | undefined
  /** Signature scheme of the handshake, 0x27. */
  readonly sigScheme: string | undefined
  /** The client's certificate in DER, 0x28. */
  readonly clientCert: Uint8Array | undefined
  /** Every sub-TLV in the order sent. */
  readonly tlvs: readonly Tlv[]
}

/** The view of the value of an SSL TLV, or undefined if it is not of the form above. */
export function sslView(value: Uint8Array): SslView | undefined {
  if (value.length < SSL_HEAD_BYTES) return undefined
  const tlvs = splitTlvs(value, SSL_HEAD_BYTES)
  if (typeof tlvs === 'number') return undefined
  const client = u8(value, 0)
  const verify = u32(value, 1)
  const bytes = (type: number) => tlvs.find((tlv) => tlv.type === type)?.value
  const text = (type: number) => {
    const found = bytes(type)
    return found && utf8Text(found)
  }
  return {
    client,
    tls: (client & CLIENT_SSL) !== 0,
    certOnConnection: (client & CLIENT_CERT_CONN) !== 0,
    certInSession: (client & CLIENT_CERT_SESS) !== 0,
    verify,
    verified: (client & (CLIENT_CERT_CONN | CLIENT_CERT_SESS)) !== 0 && verify === 0,
    version: text(SslSubtype.VERSION),
    cn: text(SslSubtype.CN),
    cipher: text(SslSubtype.CIPHER),
    sigAlg: text(SslSubtype.SIG_ALG),
    keyAlg: text(SslSubtype.KEY_ALG),
    group: text(SslSubtype.GROUP),
    sigScheme: text(SslSubtype.SIG_SCHEME),
    clientCert: bytes(SslSubtype.CLIENT_CERT),
    tlvs,
  }
}
