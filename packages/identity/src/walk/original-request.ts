import { type ForwardedElement, headerText, nthElementFromRight } from '@truehop/forwarded'
import { tlvViews } from '@truehop/proxy-protocol/wire'
import type { OriginalPart } from '../policy/options.js'
import type { Hop } from '../policy/snapshot.js'
import { parseHost, parsePort, parseScheme } from './authority.js'
import type { Evidence, HeaderFields } from './evidence.js'
import type { Position } from './position.js'

/** Scheme and authority of the request as the client made it. */
export interface OriginalRequest {
  readonly protocol: 'http' | 'https' | undefined
  readonly host: string | undefined
  /** Where the scheme comes from: a header's name, `'proxy-protocol'` or `'socket'`. */
  readonly protocolSource: string | undefined
  /** Where the host comes from: a header's name. */
  readonly hostSource: string | undefined
  /** `'x-forwarded-port'` if the host's port comes from there. */
  readonly portSource: string | undefined
}

type Scheme = OriginalRequest['protocol']

const DEFAULT_PORT = { http: '80', https: '443' } as const

/**
 * What the hop at which the walk ended says about the request: the node itself if a rule trusts it
 * and it names no other, then the one whose evidence was read last. In `Forwarded` its claim is in
 * the element that was read; in `X-Forwarded-Proto`, `-Host` and `-Port` in the element at its
 * place from the right, or the only one, as most proxies overwrite these headers rather than
 * append. If these hops say nothing, or nothing usable, the connection's own values count.
 *
 * A client that no HTTP hop vouched for gets nothing from these headers.
 */
export function originalRequest(
  at: Position,
  evidence: Evidence,
  isContradicted: boolean,
): OriginalRequest {
  const own = connectionRequest(at, evidence)
  // If evidence contradicts itself, only the connection's own values count.
  const [nearest, next] = isContradicted ? [] : wordsOf(at, evidence)
  if (nearest === undefined) return own
  const scheme = nearest.protocol === undefined ? next : nearest
  const named = nearest.host === undefined ? next : nearest
  const placed = nearest.port === undefined ? next : nearest
  const protocol = scheme?.protocol ?? own.protocol
  const host = named?.host ?? own.host
  const port = completing(host, placed?.port)
  return {
    protocol,
    host: port === undefined ? host : withPort(host, port, protocol),
    protocolSource: scheme?.protocol === undefined ? own.protocolSource : scheme.sources.proto,
    hostSource: named?.host === undefined ? own.hostSource : named.sources.host,
    portSource: port === undefined ? undefined : placed?.sources.port,
  }
}

/** The request as this server received it. TLS that a PROXY header reports is the client's. */
function connectionRequest(at: Position, { headers, encrypted }: Evidence): OriginalRequest {
  const header = at.lastProxyHeader
  const ssl = header === undefined ? undefined : tlvViews(header).ssl
  const tls = ssl === undefined ? encrypted : ssl.tls
  const hostSource = headers?.[':authority'] === undefined ? 'host' : ':authority'
  const host = parseHost(headerText(headers?.[hostSource]))
  return {
    protocol: tls === undefined ? undefined : tls ? 'https' : 'http',
    host,
    protocolSource: tls === undefined ? undefined : ssl === undefined ? 'socket' : 'proxy-protocol',
    hostSource: host === undefined ? undefined : hostSource,
    portSource: undefined,
  }
}

/** What one hop says, and where. */
interface Word {
  readonly protocol: Scheme
  readonly host: string | undefined
  readonly port: string | undefined
  readonly sources: Readonly<Record<OriginalPart, string>>
}

/** Truncated headers, which may lack the hop's own, are not believed. */
function wordsOf(at: Position, { headers, headersTruncated }: Evidence): Word[] {
  const { vouching, runs, httpHops } = at
  const speaker = runs?.hop
  if (headersTruncated === true) return []
  const words: Word[] = []
  // A silent node has written no element of Forwarded; the one read last is another hop's.
  if (vouching !== undefined && vouching.kind !== 'forwarded') {
    words.push(listedWord(headers, vouching, httpHops + 1))
  }
  if (speaker !== undefined && speaker.original.length > 0) {
    const isElement = speaker.kind === 'forwarded'
    words.push(isElement ? elementWord(at, speaker) : listedWord(headers, speaker, httpHops))
  }
  return words
}

const IN_FORWARDED = { proto: 'forwarded', host: 'forwarded', port: 'forwarded' } as const

function elementWord(at: Position, hop: Hop): Word {
  const element: ForwardedElement = at.forwardedElement(hop) ?? {}
  const says = (part: OriginalPart) => hop.original.includes(part)
  return {
    protocol: says('proto') ? parseScheme(element.proto) : undefined,
    host: says('host') ? parseHost(element.host) : undefined,
    port: undefined,
    sources: IN_FORWARDED,
  }
}

const IN_LISTS = {
  proto: 'x-forwarded-proto',
  host: 'x-forwarded-host',
  port: 'x-forwarded-port',
} as const

function listedWord(headers: HeaderFields | undefined, hop: Hop, place: number): Word {
  const says = (part: OriginalPart): string | undefined => {
    if (!hop.original.includes(part)) return undefined
    const text = headerText(headers?.[IN_LISTS[part]])
    return text === undefined ? undefined : nthElementFromRight(text, place)
  }
  return {
    protocol: parseScheme(says('proto')),
    host: parseHost(says('host')),
    port: parsePort(says('port')),
    sources: IN_LISTS,
  }
}

/** `X-Forwarded-Port` completes a host that has no port. */
function completing(host: string | undefined, port: string | undefined): string | undefined {
  return host === undefined || /:\d+$/.test(host) ? undefined : port
}

/** The scheme's own port is left out. */
function withPort(host: string | undefined, port: string, protocol: Scheme): string | undefined {
  return protocol !== undefined && DEFAULT_PORT[protocol] === port ? host : `${host}:${port}`
}
