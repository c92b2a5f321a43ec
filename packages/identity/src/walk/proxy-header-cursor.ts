import { type NodePlace, putAddressText } from '@truehop/forwarded'
import type { Endpoint, ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { ClaimCursor, NoNode } from './node.js'

const UNIDENTIFIED: NoNode = { fault: 'unidentified-node' }
const LOCAL: NoNode = { endsWalk: 'proxy-local' }
const UNKNOWN: NoNode = { endsWalk: 'proxy-unknown' }
const UNSPEC: NoNode = { endsWalk: 'proxy-unspec' }

/** Reads the PROXY headers of a connection as entries, outermost (first on the wire) first. */
export class ProxyHeaderCursor implements ClaimCursor {
  private readonly headers: readonly ProxyHeader[]
  private next: number

  constructor(headers: readonly ProxyHeader[]) {
    this.headers = headers
    this.next = 0
  }

  hasUnread(): boolean {
    return this.next < this.headers.length
  }

  readInto(place: NodePlace): NoNode | undefined {
    const header = this.headers[this.next++]
    return header === undefined ? UNIDENTIFIED : putSource(header, place)
  }

  restart(): void {
    this.next = 0
  }

  skip(): void {
    this.next++
  }

  /** The header read last. */
  get last(): ProxyHeader | undefined {
    return this.headers[this.next - 1]
  }

  get element(): string {
    const header = this.last
    return header === undefined ? '' : describeHeader(header)
  }

  get unread(): string {
    return this.headers.slice(this.next).map(describeHeader).join(', ')
  }
}

/** A header in words: `v2 PROXY INET STREAM 198.51.100.7:51442 > 10.0.0.5:443`. */
export function describeHeader(header: ProxyHeader): string {
  const words = [`v${header.version}`, header.command, header.family, header.transport]
  if (header.source === undefined || header.destination === undefined) return words.join(' ')
  return `${words.join(' ')} ${endpointText(header.source)} > ${endpointText(header.destination)}`
}

function endpointText(endpoint: Endpoint): string {
  if ('path' in endpoint) return `unix:${JSON.stringify(endpoint.path)}`
  const { address, port } = endpoint
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/**
 * LOCAL, UNKNOWN and UNSPEC have no source and say that the connection's real endpoints count:
 * the hop that sent the header is the client. A UNIX source is a path on another machine: it
 * names no address, and is never taken for this server's own `unix` peers.
 */
function putSource(header: ProxyHeader, place: NodePlace): NoNode | undefined {
  const { source } = header
  if (source === undefined) return endOf(header)
  if ('path' in source) return UNIDENTIFIED
  return putAddressText(source.address, source.port, place)
}

function endOf(header: ProxyHeader): NoNode {
  if (header.command === 'LOCAL') return LOCAL
  return header.version === 1 ? UNKNOWN : UNSPEC
}
