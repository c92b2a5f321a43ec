import {
  type ClientRequestArgs,
  Agent as HttpAgent,
  type AgentOptions as HttpAgentOptions,
  type RequestOptions as HttpRequestOptions,
} from 'node:http'
import {
  Agent as HttpsAgent,
  type AgentOptions as HttpsAgentOptions,
  type RequestOptions as HttpsRequestOptions,
} from 'node:https'
import type { NetConnectOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import { encode } from '../encode.js'
import type { EncodeOptions, HeaderInput } from '../wire/index.js'
import { connectWithHeader } from './connect.js'
import { LOCAL_HEADER } from './headers.js'

/** What the agents of this module take besides the options of Node's agents. */
export interface ProxyAgentOptions extends EncodeOptions {
  /** The header for requests that bring none of their own. */
  readonly proxyHeader?: HeaderInput | undefined
}

/** Options of `http.request` and `https.request` with one of these agents. */
export type ProxyRequestOptions = (HttpRequestOptions | HttpsRequestOptions) & {
  /**
   * The header of the connection that the request goes out on. Left out, it is the agent's; if it
   * is `undefined`, the request throws: a header that was not found must not become the agent's.
   */
  readonly proxyHeader?: HeaderInput | undefined
}

type Created = (error: Error | null, socket: Duplex) => void

/**
 * An `http.Agent` whose connections begin with a PROXY header: that of the request's `proxyHeader`,
 * or the agent's.
 *
 *     http.request({ host, port, agent, proxyHeader: headerFor(socket) })
 *
 * A connection is reused only by requests with the same header, byte for byte: the header is part
 * of the key of Node's pool. One agent can therefore serve all clients; `maxSockets` then applies
 * to each client, `maxTotalSockets` to all. A request without a header throws, and so does one with
 * a header that cannot be encoded (EncodeError); the agent's own is checked when the agent is made.
 */
export class ProxyHttpAgent extends HttpAgent {
  readonly #headers: HeaderBytes

  constructor(options: HttpAgentOptions & ProxyAgentOptions = {}) {
    const { proxyHeader, crc32c, ...rest } = options
    super(rest)
    this.#headers = new HeaderBytes(proxyHeader, crc32c)
  }

  override getName(options: ClientRequestArgs = {}): string {
    return `${super.getName(options)}:${this.#headers.keyOf(options)}`
  }

  override createConnection(options: ClientRequestArgs): Duplex {
    return connectWithHeader(options as NetConnectOpts, this.#headers.of(options))
  }
}

/** The same for `https.Agent`: the header, then TLS. TLS sessions are not shared either. */
export class ProxyHttpsAgent extends HttpsAgent {
  readonly #headers: HeaderBytes

  constructor(options: HttpsAgentOptions & ProxyAgentOptions = {}) {
    const { proxyHeader, crc32c, ...rest } = options
    super(rest)
    this.#headers = new HeaderBytes(proxyHeader, crc32c)
  }

  override getName(options: HttpsRequestOptions = {}): string {
    return `${super.getName(options)}:${this.#headers.keyOf(options)}`
  }

  override createConnection(
    options: HttpsRequestOptions,
    callback?: Created,
  ): Duplex | null | undefined {
    const socket = connectWithHeader(options as NetConnectOpts, this.#headers.of(options))
    return super.createConnection({ ...options, socket } as HttpsRequestOptions, callback)
  }
}

/** The headers of an agent's connections, as bytes. */
class HeaderBytes {
  readonly #default: HeaderInput | undefined
  readonly #options: EncodeOptions

  constructor(byDefault: HeaderInput | undefined, crc32c: boolean | undefined) {
    this.#default = byDefault
    this.#options = crc32c === undefined ? {} : { crc32c }
    // What cannot be encoded fails here, and not at the first request.
    encode(byDefault ?? LOCAL_HEADER, this.#options)
  }

  of(options: ProxyRequestOptions): Buffer {
    // A header that was asked for but not found must not turn into the agent's own.
    const header = 'proxyHeader' in options ? options.proxyHeader : this.#default
    if (header !== undefined) return encode(header, this.#options)
    throw new TypeError(
      'no PROXY header for this request: write proxyHeader in its options or in those of the agent; LOCAL_HEADER for a request of your own',
    )
  }

  keyOf(options: ProxyRequestOptions): string {
    return this.of(options).toString('latin1')
  }
}
