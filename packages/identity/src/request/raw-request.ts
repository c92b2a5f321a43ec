import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

/** A request as Node's HTTP servers give it. */
export type RawRequest = IncomingMessage | Http2ServerRequest
