import {
  type ClientIdentity,
  type IdentifiableRequest,
  identityOf,
  immediate,
  policyOf,
} from '@truehop/identity/adapter'
import { aboutClient, aboutOtel, withAboutEcs } from '../fields/about.js'
import { combinedLine } from '../fields/combined.js'
import { ecsFields } from '../fields/ecs.js'
import type { Fields } from '../fields/fields.js'
import { otelFields } from '../fields/otel.js'
import { membersText, otelText } from '../fields/otel-text.js'
import { PinoLines } from '../loggers/pino-lines.js'
import type { AccessLogOptions, Logger, SpanLike } from '../options.js'
import { type AddressPrivacy, privacyOf, REDACTED } from '../privacy/address-privacy.js'
import { type AccessLogSettings, readAccessLogOptions } from '../read-options.js'
import { clientFacts } from './client-facts.js'
import { type Exchange, NO_HEADERS } from './exchange.js'
import { anomaliesOf, collectConflicts, collectNotes, decisionsOf } from './request-notes.js'

/** An access record before it is written. */
export type AccessRecord =
  | { readonly fields: Fields; readonly line?: undefined }
  | { readonly line: string; readonly fields?: undefined }

/** Turns exchanges into records and writes them. Knows no framework. */
export class AccessLog<Request = unknown> {
  readonly privacy: AddressPrivacy
  readonly #options: AccessLogSettings<Request>
  /** Nested records have names that serializers of pino have too. */
  readonly #lines: PinoLines | undefined
  #complained = false
  #toldSkip = false

  /** Throws `LogError` for options it would have to guess. */
  constructor(options: AccessLogOptions<Request>) {
    this.#options = readAccessLogOptions(options)
    this.privacy = privacyOf(this.#options.privacy)
    const { fields, level } = this.#options
    this.#lines = fields === 'otel' ? new PinoLines(level) : undefined
    collectNotes()
    if (this.#options.conflicts) collectConflicts()
  }

  record(exchange: Exchange): AccessRecord {
    const { fields, query, about } = this.#options
    if (fields === 'combined') return { line: combinedLine(exchange, this.privacy, query) }
    const record = fields === 'ecs' ? ecsFields : otelFields
    const own = record(exchange, this.privacy, query)
    const { identity } = exchange
    if (about.length === 0 || identity?.status !== 'resolved') return { fields: own }
    const known = aboutClient(about, identity.address)
    if (fields === 'ecs') return { fields: withAboutEcs(own, known) }
    return { fields: { ...own, ...aboutOtel(known) } }
  }

  /** What `record` returns with `fields: 'otel'`, as text. */
  #text(exchange: Exchange): string {
    const { query, about } = this.#options
    const own = otelText(exchange, this.privacy, query)
    const { identity } = exchange
    if (about.length === 0 || identity?.status !== 'resolved') return own
    return own + membersText(aboutOtel(aboutClient(about, identity.address)))
  }

  /** Writes the record of an exchange, unless `skip` returns true for the framework's request. */
  write(logger: Logger, exchange: Exchange, request?: Request): void {
    const { level, destination } = this.#options
    if (request !== undefined && this.#skips(logger, request, exchange.status)) return
    const begun = this.#lines?.begun(logger)
    if (begun !== undefined) {
      this.#lines?.write(begun + this.#text(exchange))
      return
    }
    const { line, fields } = this.record(exchange)
    if (fields !== undefined) logger[level](fields, 'access')
    else if (destination !== undefined) destination.write(`${line}\n`)
    else logger[level](line)
  }

  /**
   * Called while the response ends, where an error would end the process: a request that `skip`
   * throws for gets its record, and the first such error is reported.
   */
  #skips(logger: Logger, request: Request, status: number | undefined): boolean {
    try {
      return immediate('skip', this.#options.skip?.(request, status)) === true
    } catch (error) {
      if (!this.#toldSkip) logger.error({ err: error }, 'the skip function of the access log threw')
      this.#toldSkip = true
      return false
    }
  }

  /**
   * The identity of a request, undefined if no policy is in force: a missing plugin must not cost
   * the access record as well, so it is reported once, and each record says `unbound`.
   */
  identity(request: IdentifiableRequest): ClientIdentity | undefined {
    return policyOf(request) === undefined ? undefined : identityOf(request)
  }

  /** Reports, once, that records will have no client. */
  complainUnbound(logger: Logger): void {
    if (this.#complained) return
    this.#complained = true
    logger.error(
      'access records have no client address: no policy is in force for these requests; register @truehop/fastify or app.use(truehop(...)) of @truehop/express',
    )
  }

  /** The anomalies of a request (Node's own object), as far as this log reports them. */
  anomalies(request: object): readonly string[] {
    return anomaliesOf(request, this.#options.conflicts)
  }

  /** What allowlists and limiters decided about a request (Node's own object). */
  decisions(request: object): Exchange['notes'] {
    return decisionsOf(request, this.#options.decisions === 'all')
  }

  /** True if `mark` may have something to do. */
  get marks(): boolean {
    return this.#options.span !== undefined
  }

  /**
   * Puts the client on the request's span. Also `unknown`: the stock HTTP instrumentation has put
   * the leftmost forwarded address there by then, which is whatever the client wrote.
   */
  mark(request: Request, identity: ClientIdentity): void {
    const span: SpanLike | undefined = this.#options.span?.(request)
    immediate('span', span)
    if (span === undefined) return
    const { client, clientPort, peer, peerPort } = clientFacts(identity, this.privacy)
    // An attribute that the instrumentation has set cannot be taken back.
    span.setAttribute('client.address', client ?? REDACTED)
    if (clientPort !== undefined) span.setAttribute('client.port', clientPort)
    const shownPeer = this.privacy.form === 'none' ? REDACTED : peer
    if (shownPeer !== undefined) span.setAttribute('network.peer.address', shownPeer)
    if (peerPort !== undefined) span.setAttribute('network.peer.port', peerPort)
  }

  /** The request headers to record, of those that are there. */
  headers(
    all: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): Exchange['headers'] {
    const { headers } = this.#options
    if (headers.length === 0) return NO_HEADERS
    return Object.fromEntries(
      headers.flatMap((name) => {
        const value = Object.hasOwn(all, name) ? all[name] : undefined
        return value === undefined ? [] : [[name, typeof value === 'string' ? [value] : value]]
      }),
    )
  }
}
