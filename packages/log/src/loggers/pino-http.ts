import type { IncomingMessage } from 'node:http'
import { defined, type Fields } from '../fields/fields.js'
import { otelClient } from '../fields/otel.js'
import type { AccessLogOptions } from '../options.js'
import { printable } from '../privacy/printable.js'
import { AccessLog } from '../record/access-log.js'
import { clientFacts } from '../record/client-facts.js'

export type SerializerOptions = Pick<
  AccessLogOptions,
  'address' | 'keep' | 'hmac' | 'query' | 'headers'
>

/**
 * Serializers for use with pino-http: `pinoHttp({ serializers: requestSerializers() })`. `req` then
 * has `id`, `method`, `url`, the client under its OpenTelemetry names, and the headers that were
 * asked for. Throws `LogError` for bad options.
 */
export function requestSerializers(options: SerializerOptions = {}): {
  req(value: object): Fields
} {
  const log = new AccessLog(options)
  return {
    req(value) {
      const request = rawOf(value)
      const url = request.url ?? ''
      const headers = log.headers(request.headers)
      return defined({
        id: Reflect.get(value, 'id'),
        method: request.method,
        url: printable(options.query === true ? url : (url.split('?', 1)[0] ?? '')),
        ...otelClient(clientFacts(log.identity(request), log.privacy)),
        headers: Object.keys(headers).length > 0 ? shownHeaders(headers, log) : undefined,
      })
    },
  }
}

function shownHeaders(headers: ReturnType<AccessLog['headers']>, { privacy }: AccessLog): Fields {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      name,
      values.map((value) => printable(privacy.redact(value))).join(', '),
    ]),
  )
}

/** pino-http serializes the request first, and keeps the request itself as `raw`. */
function rawOf(value: object): IncomingMessage {
  return 'raw' in value ? (value.raw as IncomingMessage) : (value as IncomingMessage)
}
