import { headerText, nthElementFromRight } from '@truehop/forwarded'
import { tlvViews } from '@truehop/proxy-protocol/wire'
import type { OriginalPart } from '../policy/options.js'
import type { Hop } from '../policy/snapshot.js'
import { parseHost, parsePort, parseScheme } from './authority.js'
import type { Evidence } from './evidence.js'
import type { Position } from './position.js'

/** The scheme of the request as the client made it. */
export interface OriginalScheme {
  readonly protocol: 'http' | 'https' | undefined
  /** Where it comes from: a header's name, `'proxy-protocol'` or `'socket'`. */
  readonly protocolSource: string | undefined
}

/** The authority of the request as the client made it. */
export interface OriginalAuthority {
  readonly host: string | undefined
  /** Where the host comes from: a header's name. */
  readonly hostSource: string | undefined
  /** `'x-forwarded-port'` if the host's port comes from there. */
  readonly portSource: string | undefined
}

export type OriginalRequest = OriginalScheme & OriginalAuthority

const DEFAULT_PORT = { http: '80', https: '443' } as const

/**
 * What the hop at which the walk ended says about the request: the node itself if a rule trusts it
 * and it names no other, then the one whose evidence was read last. In `Forwarded` its claim is in
 * the element that was read; in `X-Forwarded-Proto`, `-Host` and `-Port` in the element at its
 * place from the right, or the only one, as most proxies overwrite these headers rather than
 * append. If these hops say nothing, or nothing usable, the connection's own values count.
 *
 * A client that no HTTP hop vouched for gets nothing from these headers. If evidence contradicts
 * itself, only the connection's own values count.
 */
export function originalRequest(
  at: Position,
  evidence: Evidence,
  isContradicted: boolean,
): OriginalRequest {
  return {
    ...originalScheme(at, evidence, isContradicted),
    ...originalAuthority(at, evidence, isContradicted),
  }
}

/** The two parts of an original request, each found when somebody first asks for it. */
export class AskedOriginal {
  readonly #at: Position
  readonly #evidence: Evidence
  readonly #isContradicted: boolean
  #scheme: OriginalScheme | undefined
  #authority: OriginalAuthority | undefined

  constructor(at: Position, evidence: Evidence, isContradicted: boolean) {
    this.#at = at
    this.#evidence = evidence
    this.#isContradicted = isContradicted
  }

  get protocol(): OriginalScheme['protocol'] {
    this.#scheme ??= originalScheme(this.#at, this.#evidence, this.#isContradicted)
    return this.#scheme.protocol
  }

  get host(): string | undefined {
    this.#authority ??= originalAuthority(this.#at, this.#evidence, this.#isContradicted)
    return this.#authority.host
  }
}

/** The scheme alone: to find the authority as well takes longer, and few ask for both. */
function originalScheme(at: Position, evidence: Evidence, isContradicted: boolean): OriginalScheme {
  const said = firstWord('proto', parseScheme, at, evidence, isContradicted)
  if (said === undefined) return connectionScheme(at, evidence)
  return { protocol: said.value, protocolSource: said.source }
}

/** Host and port alone. */
function originalAuthority(
  at: Position,
  evidence: Evidence,
  isContradicted: boolean,
): OriginalAuthority {
  const said = firstWord('host', parseHost, at, evidence, isContradicted)
  const host = said?.value ?? connectionHost(evidence)
  const hostSource = said?.source ?? (host === undefined ? undefined : hostHeader(evidence))
  // `X-Forwarded-Port` completes a host that has no port.
  const port = endsInPort(host)
    ? undefined
    : firstWord('port', parsePort, at, evidence, isContradicted)
  if (host === undefined || port === undefined) return { host, hostSource, portSource: undefined }
  const { protocol } = originalScheme(at, evidence, isContradicted)
  // The scheme's own port is left out.
  const isUsual = protocol !== undefined && DEFAULT_PORT[protocol] === port.value
  return { host: isUsual ? host : `${host}:${port.value}`, hostSource, portSource: port.source }
}

function endsInPort(host: string | undefined): boolean {
  return host !== undefined && /:\d+$/.test(host)
}

const HTTP: OriginalScheme = { protocol: 'http', protocolSource: 'socket' }
const HTTPS: OriginalScheme = { protocol: 'https', protocolSource: 'socket' }
const NO_SCHEME: OriginalScheme = { protocol: undefined, protocolSource: undefined }

/** As this server received the request. TLS that a PROXY header reports is the client's. */
function connectionScheme({ lastProxyHeader }: Position, { encrypted }: Evidence): OriginalScheme {
  const ssl = lastProxyHeader === undefined ? undefined : tlvViews(lastProxyHeader).ssl
  if (ssl !== undefined) {
    return { protocol: ssl.tls ? 'https' : 'http', protocolSource: 'proxy-protocol' }
  }
  if (encrypted === undefined) return NO_SCHEME
  return encrypted ? HTTPS : HTTP
}

function connectionHost(evidence: Evidence): string | undefined {
  return parseHost(headerText(evidence.headers?.[hostHeader(evidence)]))
}

function hostHeader({ headers }: Evidence): string {
  return headers?.[':authority'] === undefined ? 'host' : ':authority'
}

/** A hop that may say something about the request, and where. */
interface Speaker {
  readonly hop: Hop
  /** In lists the place of its element from the right; in `Forwarded` the element that was read. */
  readonly place: number | 'element'
}

const NOBODY: readonly Speaker[] = []

/** The nearest first. Truncated headers, which may lack the hop's own, are not believed. */
function speakersOf(
  at: Position,
  { headersTruncated }: Evidence,
  isContradicted: boolean,
): readonly Speaker[] {
  const { vouching, reader: hop } = at
  if (isContradicted || headersTruncated === true) return NOBODY
  const speaks = hop !== undefined && hop.original.length > 0
  // A silent node has written no element of Forwarded; the one read last is another hop's.
  const vouches = vouching !== undefined && vouching.kind !== 'forwarded'
  if (!speaks && !vouches) return NOBODY
  const speakers: Speaker[] = []
  if (vouches) speakers.push({ hop: vouching, place: at.httpHops + 1 })
  if (speaks) speakers.push({ hop, place: hop.kind === 'forwarded' ? 'element' : at.httpHops })
  return speakers
}

const IN_LISTS = {
  proto: 'x-forwarded-proto',
  host: 'x-forwarded-host',
  port: 'x-forwarded-port',
} as const

interface Word<Value> {
  readonly value: Value
  readonly source: string
}

/** What the nearest speaker says that says something usable. */
function firstWord<Value>(
  part: OriginalPart,
  parse: (text: string | undefined) => Value | undefined,
  at: Position,
  evidence: Evidence,
  isContradicted: boolean,
): Word<Value> | undefined {
  for (const speaker of speakersOf(at, evidence, isContradicted)) {
    if (!speaker.hop.original.includes(part)) continue
    const isElement = speaker.place === 'element'
    const value = parse(textOf(part, speaker, at, evidence))
    if (value !== undefined) return { value, source: isElement ? 'forwarded' : IN_LISTS[part] }
  }
  return undefined
}

function textOf(
  part: OriginalPart,
  { hop, place }: Speaker,
  at: Position,
  { headers }: Evidence,
): string | undefined {
  if (place !== 'element') {
    const text = headerText(headers?.[IN_LISTS[part]])
    return text === undefined ? undefined : nthElementFromRight(text, place)
  }
  // `Forwarded` has no parameter for a port alone.
  return part === 'port' ? undefined : at.forwardedElement(hop)?.[part]
}
