import { reportUnknown } from '@truehop/options'
import { SINGLE_HEADER_NAMES } from '../policy/known-headers.js'
import type { ClientIdentity } from '../walk/identity.js'
import { CLAIM_HEADERS } from '../walk/ignored-claims.js'

/** A value as Node has it: that of one line, or of several. */
type Value = string | readonly string[] | number | undefined

/** Header fields by name, as Node's `IncomingHttpHeaders` and `getHeaders()` have them. */
export type ReceivedFields = Readonly<Record<string, Value>>

export interface ForwardedHeadersOptions {
  /** Names of your own in which a client could claim something: they are removed as well. */
  readonly remove?: readonly string[] | undefined
}

/**
 * The header fields of a request to an upstream, for proxies that forward: those in `headers`
 * without anything in which a client could have claimed an address, scheme or host, and with the
 * decided client in `X-Forwarded-For` and `Forwarded` (RFC 7239). Scheme and host are in there as
 * far as the identity knows them.
 *
 * Of a client that is undetermined both headers say `unknown`. They are never left out: the
 * upstream would take this proxy for the client.
 *
 * A `Connection` of the client's cannot have them removed on the way (RFC 9110, section 7.6.1): it
 * keeps nothing but `close`, `keep-alive` and `upgrade`. `Expect` and the pseudo-header fields of
 * HTTP/2 are left out.
 *
 * @throws {TypeError} for options that are unknown or no names, and for `headers` of another form.
 */
export function forwardedHeaders(
  identity: ClientIdentity,
  headers: ReceivedFields = {},
  options: ForwardedHeadersOptions = {},
): Record<string, string> {
  checkFields(headers)
  const isClaim = claims(options)
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    // Node has answered it, and undici refuses to send it.
    if (isClaim(name) || name.toLowerCase() === 'expect') continue
    const passed = comparable(name) === 'connection' ? connection(value) : textOf(name, value)
    if (passed !== undefined) kept[name] = passed
  }
  return { ...kept, ...written(identity) }
}

/** The part of Node's `ClientRequest` that is used here. */
export interface OutgoingFields {
  getHeaders(): ReceivedFields
  setHeader(name: string, value: string): unknown
  removeHeader(name: string): void
}

/**
 * The same on a request that has not been sent yet, as `http-proxy` and `http-proxy-middleware`
 * hand it to their `proxyReq` listeners.
 */
export function writeForwardedHeaders(
  request: OutgoingFields,
  identity: ClientIdentity,
  options: ForwardedHeadersOptions = {},
): void {
  const isClaim = claims(options)
  for (const [name, value] of Object.entries(request.getHeaders())) {
    const passed = comparable(name) === 'connection' ? connection(value) : undefined
    if (isClaim(name) || comparable(name) === 'connection') request.removeHeader(name)
    if (passed !== undefined) request.setHeader(name, passed)
  }
  for (const [name, value] of Object.entries(written(identity))) request.setHeader(name, value)
}

function claims(options: ForwardedHeadersOptions): (name: string) => boolean {
  const remove = namesIn(options)
  const removed = new Set([...remove.map(comparable), ...CLAIMS])
  return (name) =>
    removed.has(comparable(name)) ||
    comparable(name).startsWith('x-forwarded-') ||
    // `:path` of HTTP/2 and the like are not fields (RFC 9113 section 8.3), and Node's clients do
    // not send them.
    name.startsWith(':')
}

/** A header that is not removed, for a misspelt option, is one that clients forge. */
function namesIn(options: ForwardedHeadersOptions): readonly string[] {
  reportUnknown({ ...options }, ['remove'], '', ({ path, message }) => {
    throw new TypeError(`${path}: ${message}`)
  })
  const remove: unknown = options.remove ?? []
  if (Array.isArray(remove) && remove.every((name) => typeof name === 'string')) return remove
  throw new TypeError("remove must be an array of header names; write remove: ['x-user']")
}

/** Of `Headers`, a `Map` and `rawHeaders` all fields would be lost in silence. */
function checkFields(headers: unknown): void {
  const isIterable = typeof headers === 'object' && headers !== null && Symbol.iterator in headers
  if (typeof headers === 'object' && headers !== null && !isIterable) return
  throw new TypeError(
    'headers must be an object with fields by name; write request.headers, or Object.fromEntries(headers)',
  )
}

/** One line for several, as a list or, RFC 9113 section 8.2.3, a cookie. */
function textOf(name: string, value: Value): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return value.join(name.toLowerCase() === 'cookie' ? '; ' : ', ')
}

/**
 * Names as those upstreams compare them that make variables of them (CGI): `X_Forwarded_For` too, and
 * `X.Forwarded.For` where all but letters and digits becomes `_`.
 */
function comparable(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

/** What rules can read, and what is read by libraries that guess at a client, a scheme or a host. */
const CLAIMS: readonly string[] = [
  ...CLAIM_HEADERS,
  ...SINGLE_HEADER_NAMES,
  'cf-pseudo-ipv4',
  'forwarded-for',
  'http-client-ip',
  'proxy-client-ip',
  'wl-proxy-client-ip',
  'x-forwarded',
  'x-originating-ip',
  'x-remote-addr',
  'x-remote-ip',
  'cf-visitor',
  'cloudfront-forwarded-proto',
  'front-end-https',
  'x-arr-ssl',
  'x-host',
  'x-http-host-override',
  'x-original-host',
  'x-scheme',
  'x-url-scheme',
  'x-real-port',
  'x-client-port',
].map(comparable)

const OWN_OPTIONS = ['close', 'keep-alive', 'upgrade']

/** Undefined where nothing is left. */
function connection(value: Value): string | undefined {
  const options = (textOf('connection', value) ?? '').split(',').map((option) => option.trim())
  const kept = options.filter((option) => OWN_OPTIONS.includes(option.toLowerCase()))
  return kept.length === 0 ? undefined : kept.join(', ')
}

function written({ ip, protocol, host }: ClientIdentity): Record<string, string> {
  const node = ip === undefined ? 'unknown' : ip.includes(':') ? `"[${ip}]"` : ip
  const known = host !== undefined && HOST.test(host) ? host : undefined
  const pairs = [
    `for=${node}`,
    ...(protocol === undefined ? [] : [`proto=${protocol}`]),
    ...(known === undefined ? [] : [`host="${known}"`]),
  ]
  return {
    'x-forwarded-for': ip ?? 'unknown',
    ...(protocol === undefined ? {} : { 'x-forwarded-proto': protocol }),
    ...(known === undefined ? {} : { 'x-forwarded-host': known }),
    forwarded: pairs.join(';'),
  }
}

/** What needs no escape within a quoted string, and is a host with an optional port. */
const HOST = /^[\w.:[\]-]{1,255}$/
