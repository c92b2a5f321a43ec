/** What a TLS ClientHello says in the clear. */
export interface ClientHello {
  /** As the client names them, its preferred one first: `TLSv1.3`. */
  readonly versions: readonly string[]
  /** Server name indication, RFC 6066 section 3. */
  readonly serverName: string | undefined
  /** Application protocols, RFC 7301. */
  readonly alpn: readonly string[]
  readonly cipherSuites: number
}

/** More bytes may make it one, or none can. */
export type HelloResult = ClientHello | 'incomplete' | 'absent'

const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const ALPN = 16
const SUPPORTED_VERSIONS = 43

const VERSIONS: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv1',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
}

/**
 * The ClientHello at the start of a connection, RFC 8446 section 4.1.2, in one record or several.
 * Never throws: reading stops at lengths that lead outside the message.
 */
export function readClientHello(bytes: Buffer): HelloResult {
  if (!startsHello(bytes)) return 'absent'
  const message = handshakeMessage(bytes)
  if (typeof message === 'string') return message
  const reader = new Reader(message)
  const legacy = reader.number(2)
  reader.bytes(32)
  reader.vector(1)
  const ciphers = reader.vector(2)
  reader.vector(1)
  const extensions = readExtensions(reader.vector(2))
  const offered = versionsIn(extensions.get(SUPPORTED_VERSIONS))
  return {
    versions: (offered.length > 0 ? offered : [legacy]).map(versionName),
    serverName: serverNameIn(extensions.get(SERVER_NAME)),
    alpn: protocolsIn(extensions.get(ALPN)),
    cipherSuites: ciphers.length >> 1,
  }
}

/** A handshake record of version 3.x that contains a ClientHello, as far as the bytes go. */
function startsHello(bytes: Buffer): boolean {
  if (bytes.length === 0 || bytes[0] !== HANDSHAKE) return false
  return (bytes.length < 2 || bytes[1] === 3) && (bytes.length < 6 || bytes[5] === CLIENT_HELLO)
}

/** The fragments of the records, put together, without the head of the handshake message. */
function handshakeMessage(bytes: Buffer): Buffer | 'incomplete' | 'absent' {
  const fragments: Buffer[] = []
  let size = 0
  let at = 0
  while (bytes.length >= at + 5) {
    if (bytes[at] !== HANDSHAKE) return 'absent'
    const end = at + 5 + bytes.readUInt16BE(at + 3)
    if (end === at + 5) return 'absent'
    const fragment = bytes.subarray(at + 5, end)
    fragments.push(fragment)
    size += fragment.length
    at = end
    if (size < 4) continue
    const message = Buffer.concat(fragments)
    const due = 4 + message.readUIntBE(1, 3)
    if (message.length >= due) return message.subarray(4, due)
  }
  return 'incomplete'
}

function readExtensions(bytes: Buffer): Map<number, Buffer> {
  const reader = new Reader(bytes)
  const extensions = new Map<number, Buffer>()
  while (reader.left >= 4) {
    const type = reader.number(2)
    extensions.set(type, reader.vector(2))
  }
  return extensions
}

function serverNameIn(extension: Buffer | undefined): string | undefined {
  if (extension === undefined) return undefined
  const names = new Reader(new Reader(extension).vector(2))
  const isHostName = names.number(1) === 0
  const name = names.vector(2)
  return isHostName && name.length > 0 ? name.toString('latin1') : undefined
}

function protocolsIn(extension: Buffer | undefined): string[] {
  const reader = new Reader(extension === undefined ? NOTHING : new Reader(extension).vector(2))
  const names: string[] = []
  while (reader.left > 1) names.push(reader.vector(1).toString('latin1'))
  return names
}

/** Without the GREASE values, which keep servers tolerant of new versions, RFC 8701. */
function versionsIn(extension: Buffer | undefined): number[] {
  const reader = new Reader(extension === undefined ? NOTHING : new Reader(extension).vector(1))
  const versions: number[] = []
  while (reader.left >= 2) versions.push(reader.number(2))
  return versions.filter((version) => (version & 0x0f0f) !== 0x0a0a)
}

const versionName = (version: number): string =>
  VERSIONS[version] ?? `0x${version.toString(16).padStart(4, '0')}`

const NOTHING = Buffer.alloc(0)

/** Reads from the front; beyond the end there are zeros and empty vectors. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  bytes(length: number): Buffer {
    const start = this.#at
    this.#at = Math.min(this.#bytes.length, start + length)
    return this.#bytes.subarray(start, this.#at)
  }

  number(length: number): number {
    const bytes = this.bytes(length)
    return bytes.length === length ? bytes.readUIntBE(0, length) : 0
  }

  /** A vector with its length, of that many bytes, before it. */
  vector(lengthBytes: number): Buffer {
    return this.bytes(this.number(lengthBytes))
  }
}
