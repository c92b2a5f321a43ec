import type { Evidence } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import { decode, type ProxyHeader } from '@truehop/proxy-protocol'
import { UsageError } from '../program/usage-error.js'
import { headerFields, headerLine } from './header-fields.js'

/** What the options of `explain` say about a connection. */
export interface EvidenceOptions {
  readonly peer?: string
  readonly peerPort?: number
  /** In the order of `--proxy` and `--proxy-hex` on the command line. */
  readonly proxy?: readonly ProxyHeader[]
  readonly proxyHex?: readonly ProxyHeader[]
  readonly header?: readonly (readonly [string, string])[]
  readonly tls?: true
}

/** The evidence of one connection: without an option for it there was no PROXY header. */
export function evidenceOf(options: EvidenceOptions): Evidence {
  const evidence = evidenceBeside(options)
  return { ...evidence, proxyHeaders: evidence.proxyHeaders ?? [] }
}

/** What the options add to records: without one for it nobody knows whether there was a PROXY header. */
export function evidenceBeside(options: EvidenceOptions): Evidence {
  return {
    peer: options.peer,
    peerPort: options.peerPort,
    headers: headerFields(options.header ?? []),
    proxyHeaders: options.proxy ?? options.proxyHex,
    encrypted: options.tls === true,
  }
}

/** @throws {UsageError} for anything but an address, `unix` or `event`. */
export function readPeer(text: string): string {
  const address = text === 'unix' || text === 'event' ? text : parseAddress(text)?.text
  if (address === undefined) {
    throw new UsageError(
      `--peer ${text} is not an address; write 10.0.0.5, 2001:db8::5, unix or event`,
    )
  }
  return address
}

/** Reads a line of version 1, with or without its line end. */
export function proxyLine(text: string): ProxyHeader {
  const line = Buffer.from(`${text.replace(/(\r\n|\\r\\n)$/, '')}\r\n`, 'latin1')
  return wholeHeader('--proxy', line)
}

/** Reads a header of either version as hexadecimal bytes; blanks and colons between them are fine. */
export function proxyHex(text: string): ProxyHeader {
  const digits = text.replace(/^0x|[\s:]/g, '')
  if (!/^([0-9a-f]{2})+$/i.test(digits)) {
    throw new UsageError('--proxy-hex takes hexadecimal bytes, two digits each')
  }
  return wholeHeader('--proxy-hex', Buffer.from(digits, 'hex'))
}

export function addHeader(
  text: string,
  lines: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const line = headerLine(text)
  if (line === undefined)
    throw new UsageError(`-H '${text}' is not a header; write -H 'Name: value'`)
  return [...lines, line]
}

function wholeHeader(option: string, bytes: Uint8Array): ProxyHeader {
  const result = decode(bytes)
  if (result.status === 'complete' && result.byteLength === bytes.length) return result.header
  if (result.status === 'malformed') {
    throw new UsageError(`${option}: ${result.message} [${result.code}]`)
  }
  const why = {
    complete: 'there are bytes after the header',
    incomplete: 'the header is not complete',
    absent: 'these bytes are not a PROXY header',
  }
  throw new UsageError(`${option}: ${why[result.status]}`)
}
