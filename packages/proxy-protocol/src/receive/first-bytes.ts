/** What the first bytes of a connection look like when a PROXY header was expected. */
export type Opening = 'tls' | 'http' | 'proxy' | 'other'

/** Method, space, and the start of a target (RFC 9112 section 3); includes HTTP/2's preface. */
const REQUEST_LINE = /^[A-Z]{3,16} (?:\/|\*|[a-z]+:\/\/|[\w.-]+:\d)/

/**
 * Says what a peer is speaking, going by its first bytes. A guess for a log line, never for a
 * decision.
 */
export function openingOf(bytes: Uint8Array): Opening {
  if (isClientHello(bytes)) return 'tls'
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32))
  if (startsLikeProxyHeader(bytes)) return 'proxy'
  return REQUEST_LINE.test(start.toString('latin1')) ? 'http' : 'other'
}

/** Whether the bytes begin with `PROXY ` or with the signature of version 2, section 2. */
export function startsLikeProxyHeader(bytes: Uint8Array): boolean {
  return startsWith(bytes, V1) || startsWith(bytes, V2)
}

const V1 = Buffer.from('PROXY ')
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n')

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte)
}

/**
 * A handshake record (22) of version 3.x that contains a ClientHello (1): RFC 8446 sections 4 and
 * 5.1.
 */
function isClientHello(bytes: Uint8Array): boolean {
  return bytes[0] === 0x16 && bytes[1] === 0x03 && (bytes.length < 6 || bytes[5] === 0x01)
}
