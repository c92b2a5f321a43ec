import { type ProxyHeader, tlvViews } from '@truehop/proxy-protocol/wire'
import { parseHost } from './authority.js'

/**
 * What a PROXY header says about its connection besides addresses, in its TLVs. Each is bounded and
 * printable ASCII, and undefined if the header has no such TLV or one of another form.
 */
export interface ConnectionTlvs {
  /**
   * UNIQUE_ID: printable text as it is, other bytes as `0x` and hexadecimal digits; at most 258
   * characters. All requests of a connection have the same.
   */
  readonly uniqueId?: string | undefined
  /** ALPN: the protocol of the client's connection, such as `h2`; at most 255 characters. */
  readonly alpn?: string | undefined
  /** AUTHORITY: the host that the client asked for, usually by SNI, in lower case. */
  readonly authority?: string | undefined
  /** AWS PrivateLink: the endpoint, `vpce-…`. */
  readonly awsVpcEndpointId?: string | undefined
  /** Azure Private Link: the id of the endpoint's connection, 32 bits. */
  readonly azureLinkId?: number | undefined
  /** Google Private Service Connect: the id of the connection, 64 bits, as decimal digits. */
  readonly googlePscConnectionId?: string | undefined
}

/** By header: a connection's requests all have the same one. */
const named = new WeakMap<ProxyHeader, ConnectionTlvs>()

/** The TLVs of a header by name; undefined for no header, and for one without TLVs. */
export function connectionTlvs(header: ProxyHeader | undefined): ConnectionTlvs | undefined {
  if (header === undefined || header.tlvs.length === 0) return undefined
  const known = named.get(header)
  if (known !== undefined) return known
  const tlvs = Object.freeze(readTlvs(header))
  named.set(header, tlvs)
  return tlvs
}

function readTlvs(header: ProxyHeader): ConnectionTlvs {
  const views = tlvViews(header)
  const all: ConnectionTlvs = {
    uniqueId: idText(views.uniqueId),
    alpn: matching(PROTOCOL, views.alpn),
    authority: parseHost(views.authority),
    awsVpcEndpointId: matching(VPC_ENDPOINT, views.awsVpcEndpointId),
    azureLinkId: views.azureLinkId,
    googlePscConnectionId: views.googlePscConnectionId?.toString(),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** RFC 7301 section 3.1: one to 255 bytes; the registered names are printable. */
const PROTOCOL = /^[!-~]{1,255}$/
const VPC_ENDPOINT = /^vpce-[0-9A-Za-z-]{1,128}$/

function matching(pattern: RegExp, text: string | undefined): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined
}

/** PROXY protocol, section 2.2.5: opaque, at most 128 bytes. HAProxy writes a string. */
function idText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length === 0 || bytes.length > 128) return undefined
  const isText = bytes.every((byte) => byte > 0x20 && byte < 0x7f)
  if (isText) return String.fromCharCode(...bytes)
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
