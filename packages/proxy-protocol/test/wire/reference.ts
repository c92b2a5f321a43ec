import { isIPv4, isIPv6 } from 'node:net'

/*
 * The specification read slowly: text and regular expressions for version 1, offsets written out
 * for version 2. It says only what a header means, not why another is refused.
 */

export type Meaning =
  | { status: 'incomplete' | 'absent' | 'malformed' }
  | { status: 'complete'; byteLength: number; text: string; tlvs: readonly string[] }

export function meaningOf(bytes: Uint8Array): Meaning {
  const text = Buffer.from(bytes).toString('latin1')
  const signature = '\r\n\r\n\0\r\nQUIT\n'
  if (text.length < 12 && signature.startsWith(text)) return { status: 'incomplete' }
  if (text.startsWith(signature)) return version2(Buffer.from(bytes))
  if (text.length < 6 && 'PROXY '.startsWith(text)) return { status: 'incomplete' }
  if (text.startsWith('PROXY')) return version1(text)
  return { status: 'absent' }
}

function version1(text: string): Meaning {
  const start = text.slice(0, 107)
  if (!start.startsWith('PROXY ')) return { status: 'malformed' }
  const unknown = /^PROXY UNKNOWN(?: .*?)?\r\n/s.exec(start)
  if (unknown)
    return { status: 'complete', byteLength: unknown[0].length, text: 'socket', tlvs: [] }
  const ends = start.indexOf('\r\n')
  if (ends < 0) return { status: mayStillEnd(start) ? 'incomplete' : 'malformed' }
  const [, family, from, to, fromPort, toPort, more] = start.slice(0, ends).split(' ')
  const isAddress =
    family === 'TCP4' ? isIPv4 : (text: string) => isIPv6(text) && !text.includes('%')
  const isPort = (text = '') => /^(0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65535
  const fits =
    (family === 'TCP4' || family === 'TCP6') &&
    isAddress(from ?? '') &&
    isAddress(to ?? '') &&
    isPort(fromPort) &&
    isPort(toPort) &&
    more === undefined
  if (!fits) return { status: 'malformed' }
  const ports = `${fromPort} ${toPort}`
  const value = `${family === 'TCP4' ? 'INET' : 'INET6'} STREAM ${same(from)} ${same(to)} ${ports}`
  return { status: 'complete', byteLength: ends + 2, text: value, tlvs: [] }
}

/** Without CR LF: at most 105 bytes, or a CR as the 106th, and no CR or LF that ended nothing. */
function mayStillEnd(start: string): boolean {
  const rest = start.replace(/\r$/, '')
  const tolerated = start.startsWith('PROXY UNKNOWN ')
  return rest.length <= 105 && start.length <= 106 && (tolerated || !/[\r\n]/.test(rest))
}

/** One text for one address, by the URL parser of the platform. */
export function same(address = ''): string {
  return new URL(`http://${address.includes(':') ? `[${address}]` : address}/`).hostname
}

function version2(bytes: Buffer): Meaning {
  const [versionCommand, familyTransport] = [bytes[12], bytes[13]]
  if (versionCommand === undefined) return { status: 'incomplete' }
  if (versionCommand !== 0x20 && versionCommand !== 0x21) return { status: 'malformed' }
  if (familyTransport === undefined) return { status: 'incomplete' }
  const isProxy = versionCommand === 0x21
  const [family, transport] = [familyTransport >> 4, familyTransport & 15]
  if (isProxy && (family > 3 || transport > 2)) return { status: 'malformed' }
  if (bytes.length < 16) return { status: 'incomplete' }
  const byteLength = 16 + bytes.readUInt16BE(14)
  const counts = isProxy && family > 0 && transport > 0
  const addressBytes = counts ? ([0, 12, 36, 216][family] ?? 0) : 0
  if (byteLength < 16 + addressBytes) return { status: 'malformed' }
  if (bytes.length < byteLength) return { status: 'incomplete' }
  if (!counts) return { status: 'complete', byteLength, text: 'socket', tlvs: [] }
  const tlvs = tlvsOf(bytes.subarray(16 + addressBytes, byteLength))
  if (tlvs === undefined) return { status: 'malformed' }
  const text = `${['', 'INET', 'INET6', 'UNIX'][family]} ${['', 'STREAM', 'DGRAM'][transport]} ${ends(bytes, family)}`
  return { status: 'complete', byteLength, text, tlvs }
}

function ends(bytes: Buffer, family: number): string {
  if (family === 3) return `${path(bytes.subarray(16, 124))} ${path(bytes.subarray(124, 232))}`
  const size = family === 1 ? 4 : 16
  const [from, to] = [bytes.subarray(16, 16 + size), bytes.subarray(16 + size, 16 + 2 * size)]
  const ports = bytes.subarray(16 + 2 * size)
  return `${addressOf(from)} ${addressOf(to)} ${ports.readUInt16BE(0)} ${ports.readUInt16BE(2)}`
}

function path(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\0.*$/s, '')
}

function addressOf(bytes: Buffer): string {
  return same(
    bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':'),
  )
}

/** `type:hex` of each, or undefined for what the specification forbids; checksums not counted. */
function tlvsOf(block: Buffer): string[] | undefined {
  const found: string[] = []
  let rest = block
  while (rest.length > 0) {
    if (rest.length < 3 || rest.length < 3 + rest.readUInt16BE(1)) return undefined
    const value = rest.subarray(3, 3 + rest.readUInt16BE(1))
    if (rest[0] === 5 && value.length > 128) return undefined
    if (rest[0] === 0x20 && (value.length < 5 || !tlvsFit(value.subarray(5)))) return undefined
    found.push(`${rest[0]}:${value.toString('hex')}`)
    rest = rest.subarray(3 + value.length)
  }
  return found
}

function tlvsFit(block: Buffer): boolean {
  if (block.length === 0) return true
  if (block.length < 3 || block.length < 3 + block.readUInt16BE(1)) return false
  return tlvsFit(block.subarray(3 + block.readUInt16BE(1)))
}
