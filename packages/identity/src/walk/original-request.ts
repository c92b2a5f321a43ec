import { type ForwardedElement, headerText, nthElementFromRight } from '@truehop/forwarded'
import { tlvViews } from '@truehop/proxy-protocol/wire'
import type { OriginalPart } from '../policy/options.js'
import type { Hop } from '../policy/snapshot.js'
import { parseHost, parsePort, parseScheme } from './authority.js'
import type { Position } from './position.js'

/** Scheme and authority of the request as the client made it. */
export interface OriginalRequest {
  readonly protocol: 'http' | 'https' | undefined
  readonly host: string | undefined
}

const DEFAULT_PORT = { http: '80', https: '443' } as const

/**
 * What the hop that talked with the client says of the request: the one whose evidence named
 * the client. In `Forwarded` it is the element that named the client; in `X-Forwarded-Proto`,
 * `-Host` and `-Port` it is the element at the same place from the right, or the only one, as
 * most proxies overwrite these headers rather than append. Where that hop says nothing, or
 * nothing usable, the connection's own word counts.
 *
 * A client whom no HTTP hop vouched for gets nothing from these headers.
 */
export function originalRequest(at: Position): OriginalRequest {
  const connection = connectionRequest(at)
  if (at.httpHops === 0 || at.via === undefined) return connection
  const said = at.via.kind === 'forwarded' ? elementRequest(at, at.via) : listedRequest(at, at.via)
  const protocol = said.protocol ?? connection.protocol
  return { protocol, host: withPort(said.host, said.port, protocol) ?? connection.host }
}

/** The request as this server received it. TLS that a PROXY header reports is the client's. */
export function connectionRequest(at: Position): OriginalRequest {
  const { headers, encrypted } = at.evidence
  const tls = at.lastProxyHeader
  const ssl = tls === undefined ? undefined : tlvViews(tls).ssl
  const host = parseHost(headerText(headers?.[':authority'] ?? headers?.['host']))
  if (ssl !== undefined) return { protocol: ssl.tls ? 'https' : 'http', host }
  return { protocol: encrypted === undefined ? undefined : encrypted ? 'https' : 'http', host }
}

interface SaidRequest extends OriginalRequest {
  readonly port: string | undefined
}

function elementRequest(at: Position, via: Hop): SaidRequest {
  const element: ForwardedElement = at.forwardedElement(via) ?? {}
  const says = (part: OriginalPart) => via.original.includes(part)
  return {
    protocol: says('proto') ? parseScheme(element.proto) : undefined,
    host: says('host') ? parseHost(element.host) : undefined,
    port: undefined,
  }
}

function listedRequest(at: Position, via: Hop): SaidRequest {
  const says = (part: OriginalPart): string | undefined => {
    if (!via.original.includes(part)) return undefined
    const text = headerText(at.evidence.headers?.[`x-forwarded-${part}`])
    return text === undefined ? undefined : nthElementFromRight(text, at.httpHops)
  }
  return {
    protocol: parseScheme(says('proto')),
    host: parseHost(says('host')),
    port: parsePort(says('port')),
  }
}

/** `X-Forwarded-Port` completes a host without a port; the scheme's own port is left out. */
function withPort(
  host: string | undefined,
  port: string | undefined,
  protocol: 'http' | 'https' | undefined,
): string | undefined {
  if (host === undefined || port === undefined || /:\d+$/.test(host)) return host
  return protocol !== undefined && DEFAULT_PORT[protocol] === port ? host : `${host}:${port}`
}
