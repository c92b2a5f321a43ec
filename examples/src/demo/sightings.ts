import { subscribe } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import type { ClientIdentity, Explanation } from '@truehop/identity'

/** What each consumer saw of one request. Undefined: it was not called. */
export interface Sighting {
  /** What a handler gets from `identityOf(request)`. */
  identity?: ClientIdentity
  explanation?: Explanation
  /** `client.address` of the access record. */
  log?: string
  /** `client` of the allowlist's decision. */
  allowlist?: string
  /** `client` of the limiter's decision. */
  limiter?: string
}

/** A line of the access log, with the names of the OpenTelemetry semantic conventions. */
export type AccessRecord = Readonly<Record<string, unknown>>

const PATIENCE_MS = 2000

/** Collects what application, log, allowlist and limiter report about requests, by their path. */
export class Sightings {
  readonly #byPath = new Map<string, Sighting>()
  readonly #changes = new EventEmitter()
  #refusal: string | undefined
  #follower: ((record: AccessRecord) => void) | undefined

  constructor() {
    subscribe('truehop.allowlist.decision', (message) => {
      const { request, decision } = message as Decided
      this.#note(request.url, { allowlist: decision.client })
    })
    subscribe('truehop.rate_limit.decision', (message) => {
      const { request, decision } = message as Decided
      this.#note(request.url, { limiter: decision.client })
    })
    subscribe('truehop.proxy_protocol.refused', (message) => {
      this.#refusal = (message as { refusal: { reason: string } }).refusal.reason
    })
  }

  /** For the applications: what they made of a request that is over. */
  answered(path: string, identity: ClientIdentity, explanation: Explanation): void {
    this.#note(path, { identity, explanation })
  }

  /** Takes a line of the log: the stream that pino writes to. */
  write(line: string): void {
    const record = JSON.parse(line) as AccessRecord
    const path = record['url.path']
    if (typeof path !== 'string') return
    this.#note(path, { log: String(record['client.address']) })
    this.#follower?.(record)
  }

  /** From now on reports access records and keeps nothing: any client may now send requests. */
  follow(follower: (record: AccessRecord) => void): void {
    this.#follower = follower
  }

  /** What was seen of a request. The last of it may come a moment after the client's answer. */
  async take(path: string): Promise<Sighting> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    while (!this.#isComplete(path) && !signal.aborted) {
      await once(this.#changes, path, { signal }).catch(() => {})
    }
    const sighting = this.#byPath.get(path) ?? {}
    this.#byPath.delete(path)
    return sighting
  }

  /** Why the last connection was refused that was. */
  takeRefusal(): string | undefined {
    const reason = this.#refusal
    this.#refusal = undefined
    return reason
  }

  #isComplete(path: string): boolean {
    const { identity, log } = this.#byPath.get(path) ?? {}
    return identity !== undefined && log !== undefined
  }

  #note(path: string, seen: Sighting): void {
    if (this.#follower !== undefined) return
    this.#byPath.set(path, { ...this.#byPath.get(path), ...seen })
    this.#changes.emit(path)
  }
}

interface Decided {
  readonly request: { readonly url: string }
  readonly decision: { readonly client: string }
}
