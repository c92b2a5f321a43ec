import { describeLayer } from '../dissect/describe.js'
import type { Layer } from '../dissect/dissection.js'

/** A fatal handshake_failure, RFC 8446 section 6.2: there is no certificate to go on with. */
const TLS_ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 40])

/** An empty SETTINGS frame and GOAWAY with NO_ERROR, RFC 9113 sections 6.5 and 6.8. */
const HTTP2_GOAWAY = Buffer.from(
  '000000040000000000' + '000008070000000000' + '0000000000000000',
  'hex',
)

/** What ends a connection in its own protocol; no bytes where that is not known. */
export function goodbye(last: Layer): Buffer | '' {
  if (last.kind === 'tls') return TLS_ALERT
  if (last.kind === 'http2') return HTTP2_GOAWAY
  if (last.kind !== 'http') return ''
  const [line = ''] = describeLayer(last)
  const body = `seen: ${line}\n`
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  const isHead = last.head.method === 'HEAD'
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}`)
}
