import type { ClientKnowledge } from './fields/about.js'
import type { PrivacyOptions } from './privacy/privacy-options.js'

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** A pino logger, or anything that takes records the same way. */
export type Logger = Readonly<
  Record<Level, { (fields: object, message?: string): void; (message: string): void }>
>

/** The part of an OpenTelemetry span that is needed: `Span` of `@opentelemetry/api` is one. */
export interface SpanLike {
  setAttribute(name: string, value: string | number): unknown
}

export interface AccessLogOptions<Request = unknown> extends PrivacyOptions {
  /** Names and shape of the record. Default `'otel'`. */
  readonly fields?: 'otel' | 'ecs' | 'combined' | undefined
  /** Level of the records. Default `'info'`. */
  readonly level?: Level | undefined
  /** Records the query. Default false: queries carry tokens and names. */
  readonly query?: boolean | undefined
  /**
   * Request headers to record, by name; addresses in their values are shown as `address` says.
   * Not with `combined`, which has no place for them. Default none.
   */
  readonly headers?: readonly string[] | undefined
  /**
   * Also names contradicting evidence among the record's anomalies. Default false: looking for it
   * walks every request a second time.
   */
  readonly conflicts?: boolean | undefined
  /**
   * The decisions of allowlists and limiters whose details the record has: of those that refused a
   * request, delayed it or were made without the store, or of all. Default `'refused'`: of one that
   * passed, the record says that it did.
   */
  readonly decisions?: 'refused' | 'all' | undefined
  /** True for requests that get no record, such as health checks. Called when the response has ended. */
  readonly skip?: ((request: Request, status: number | undefined) => boolean) | undefined
  /** The request's span, `() => trace.getActiveSpan()` of `@opentelemetry/api`. */
  readonly span?: ((request: Request) => SpanLike | undefined) | undefined
  /**
   * What knows more of clients: `openGeo(…)` for country and network, `verifiedCrawlers(…)` for bots. Not
   * with `combined`. Default none.
   */
  readonly about?: readonly ClientKnowledge[] | undefined
  /** Where `combined` lines go, each with `\n`. Without it they are the logger's messages. */
  readonly destination?: { write(text: string): unknown } | undefined
}
