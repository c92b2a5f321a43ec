import { parseAddress } from '@truehop/ip'
import { EncodeError, encodeHeader, type ProxyHeader, TlvType } from '@truehop/proxy-protocol/wire'
import { hexOf } from '../src/view/evidence-text.js'

/** What the form asks for. */
export interface Built {
  readonly version: '1' | '2'
  /** LOCAL is a hop speaking for itself. */
  readonly command: 'PROXY' | 'LOCAL'
  readonly source: string
  readonly destination: string
  /** What the client asked for, in a TLV; empty for none. */
  readonly authority: string
}

export const FIRST: Built = {
  version: '1',
  command: 'PROXY',
  source: '198.51.100.7:51442',
  destination: '10.0.0.5:443',
  authority: '',
}

/** A line of version 1, or the bytes of version 2 in hexadecimal; what is wrong with it otherwise. */
export function builtHeader(
  built: Built,
): { readonly text: string } | { readonly problem: string } {
  const header = headerOf(built)
  if (typeof header === 'string') return { problem: header }
  try {
    const bytes = encodeHeader(header)
    if (built.version === '2') return { text: hexOf(bytes) }
    return { text: new TextDecoder('latin1').decode(bytes).trimEnd() }
  } catch (error) {
    if (error instanceof EncodeError) return { problem: error.message }
    throw error
  }
}

function headerOf({
  version,
  command,
  source,
  destination,
  authority,
}: Built): ProxyHeader | string {
  const number = version === '1' ? 1 : 2
  const value = new TextEncoder().encode(authority)
  const tlvs = authority === '' ? [] : [{ type: TlvType.AUTHORITY, value }]
  if (number === 1 && authority !== '') return 'Version 1 has no place for an authority.'
  if (command === 'LOCAL') {
    if (number === 1) return 'Version 1 has no LOCAL; write version 2.'
    return { version: 2, command, family: 'UNSPEC', transport: 'UNSPEC', tlvs }
  }
  const [from, to] = [endpointOf(source), endpointOf(destination)]
  if (from === undefined) return 'The source is an address with a port: 198.51.100.7:51442.'
  if (to === undefined) return 'The destination is an address with a port: 10.0.0.5:443.'
  if (from.address.includes(':') !== to.address.includes(':')) {
    return 'Source and destination are of one family.'
  }
  const family = from.address.includes(':') ? 'INET6' : 'INET'
  return {
    version: number,
    command,
    family,
    transport: 'STREAM',
    source: from,
    destination: to,
    tlvs,
  }
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
function endpointOf(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim()) ?? []
  const address = parseAddress(bracketed ?? plain ?? '')
  const port = Number(digits)
  return address === undefined || !(port <= 65_535) ? undefined : { address: address.text, port }
}

/** The headers of the form with one more, innermost. Lines and bytes do not mix: a line has bytes, too. */
export function withHeader(headers: string, added: string): string {
  const lines = [...headers.split('\n').filter((line) => line.trim() !== ''), added]
  const isText = lines.every((line) => line.startsWith('PROXY'))
  return lines
    .map((line) => (isText || !line.startsWith('PROXY') ? line : lineBytes(line)))
    .join('\n')
}

function lineBytes(line: string): string {
  return hexOf(new TextEncoder().encode(`${line.trim()}\r\n`))
}
