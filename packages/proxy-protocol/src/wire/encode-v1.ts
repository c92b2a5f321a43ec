import { addressText } from '@truehop/ip'
import { u16 } from './bytes.js'
import { inetPair, isMapped, refuseEndpoints } from './encode-address.js'
import { EncodeError } from './encode-error.js'
import type { EncodeOptions, HeaderInput } from './header-input.js'

/** Section 2.1. Version 1 has TCP over IPv4, TCP over IPv6 and UNKNOWN, and nothing else. */
export function encodeV1(header: HeaderInput, options?: EncodeOptions): Uint8Array {
  refuseForeign(header, options)
  if (header.family === 'UNSPEC') {
    refuseEndpoints(header)
    return ascii('PROXY UNKNOWN\r\n')
  }
  if (header.family !== 'INET' && header.family !== 'INET6') {
    const message = `version 1 has no family ${String(header.family)}: write version 2, or 'UNSPEC'`
    throw new EncodeError('v1-family', message)
  }
  const pair = inetPair(header.family, header.source, header.destination)
  const name = pair.source.length === 4 ? 'TCP4' : 'TCP6'
  const addresses = `${lineText(pair.source)} ${lineText(pair.destination)}`
  return ascii(`PROXY ${name} ${addresses} ${pair.sourcePort} ${pair.destinationPort}\r\n`)
}

function refuseForeign(header: HeaderInput, options?: EncodeOptions): void {
  if (header.command !== 'PROXY') {
    const message =
      "version 1 has no LOCAL: write command 'PROXY' with the connection's own addresses, or version 2"
    throw new EncodeError('v1-command', message)
  }
  if ((header.tlvs?.length ?? 0) > 0 || options?.crc32c === true) {
    throw new EncodeError('v1-tlvs', 'version 1 has no TLVs and no checksum: write version 2')
  }
  const due = header.family === 'UNSPEC' ? 'UNSPEC' : 'STREAM'
  if (header.family !== 'UNIX' && header.transport !== due) {
    const message = `version 1 has no ${header.family} over ${String(header.transport)}: write transport '${due}', or version 2`
    throw new EncodeError('v1-transport', message)
  }
}

/**
 * RFC 5952 text, but hexadecimal groups to the end for a mapped address: the grammar of section 2.1
 * has no dotted tail, and every receiver reads this form.
 */
function lineText(address: Uint8Array): string {
  if (address.length === 4) return addressText(address, 0, 4)
  if (!isMapped(address)) return addressText(address, 0, 16)
  return `::ffff:${u16(address, 12).toString(16)}:${u16(address, 14).toString(16)}`
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
