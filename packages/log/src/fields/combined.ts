import type { AddressPrivacy } from '../privacy/address-privacy.js'
import { quotable } from '../privacy/printable.js'
import { clientFacts } from '../record/client-facts.js'
import type { Exchange } from '../record/exchange.js'
import { requestTarget } from '../record/request-target.js'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The NCSA combined log line, without line end:
 *
 *     198.51.100.7 - - [20/Nov/2025:18:58:03 +0000] "GET /a HTTP/1.1" 200 512 "-" "curl/8.5.0"
 *
 * Identity and user are `-`. The time is the request's start in UTC; the size is the body's, `-`
 * for none. A response that ended before its head was sent has 499, as NGINX writes it: the format
 * has no word for it. Strings from outside cannot break out of their quotes.
 */
export function combinedLine(exchange: Exchange, privacy: AddressPrivacy, query: boolean): string {
  const { client } = clientFacts(exchange.identity, privacy)
  const { path, query: asked } = requestTarget(exchange.target)
  const target = query && asked !== undefined ? `${path}?${asked}` : path
  const request = `${exchange.method} ${target} HTTP/${exchange.httpVersion}`
  const size = exchange.bytes === 0 ? '-' : String(exchange.bytes)
  return `${client ?? '-'} - - [${clfTime(exchange.startedAt)}] ${quoted(request)} ${exchange.status ?? 499} ${size} ${quoted(exchange.referer)} ${quoted(exchange.userAgent)}`
}

function quoted(text: string | undefined): string {
  return text === undefined || text === '' ? '"-"' : `"${quotable(text)}"`
}

/** `20/Nov/2025:18:58:03 +0000`. */
function clfTime(milliseconds: number): string {
  const time = new Date(milliseconds).toISOString()
  const month = MONTHS[Number(time.slice(5, 7)) - 1]
  return `${time.slice(8, 10)}/${month}/${time.slice(0, 4)}:${time.slice(11, 19)} +0000`
}
