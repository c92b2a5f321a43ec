import { parseAddress } from '@truehop/ip'
import { type DecodeOptions, decode, type ProxyHeader } from '../wire/index.js'
import type { Malformed } from '../wire/result.js'
import type { PeerMembership, ProxyVersion } from './accept-options.js'

/** What the bytes of a connection amount to so far. */
export type HeaderProgress =
  | { readonly state: 'more' }
  | {
      readonly state: 'done'
      /** Bytes of the connection so far, from the last header's first chunk on. */
      readonly bytes: Buffer
      /** Where in `bytes` the payload starts. */
      readonly payloadAt: number
    }
  | { readonly state: 'absent'; readonly bytes: Buffer }
  | { readonly state: 'unaccepted'; readonly bytes: Buffer; readonly version: ProxyVersion }
  | { readonly state: 'malformed'; readonly bytes: Buffer; readonly fault: Malformed }

/** Takes the first chunks of a connection. */
export interface OpeningReader {
  readonly headers: readonly ProxyHeader[]
  /** The bytes held while there is `more` to come. */
  readonly held: Uint8Array
  push(chunk: Buffer): HeaderProgress
}

export interface HeaderReaderSettings {
  readonly from: PeerMembership
  readonly maxHeaders: number
  readonly maxHeaderBytes: number
  readonly versions: readonly ProxyVersion[]
}

const MORE: HeaderProgress = Object.freeze({ state: 'more' })
const NOTHING = Buffer.alloc(0)
const FIRST_HOLD = 256

/**
 * Reads the PROXY headers at the start of one connection from the chunks it arrives in.
 *
 *     ┌──────────┬──────────┬───────────
 *     │ header 1 │ header 2 │ payload      at most `maxHeaders`; after the last one all is payload
 *     └──────────┴──────────┴───────────
 *          └ source in `from`? only then may header 2 be one
 *
 * The usual case, everything in one chunk, copies nothing. What is kept of an incomplete header
 * stays under `maxHeaderBytes` and grows by doubling, so a sender of single bytes costs linear
 * time.
 */
export class HeaderReader implements OpeningReader {
  readonly headers: ProxyHeader[] = []
  #settings: HeaderReaderSettings
  #limit: DecodeOptions
  #mayOmit: boolean
  #hold: Buffer = NOTHING
  #held = 0

  /** `mayOmit`: whether the first header too may be missing. */
  constructor(settings: HeaderReaderSettings, limit: DecodeOptions, mayOmit: boolean) {
    this.#settings = settings
    this.#limit = limit
    this.#mayOmit = mayOmit
  }

  /** The bytes of an incomplete header so far: none between two headers. */
  get held(): Buffer {
    return this.#hold.subarray(0, this.#held)
  }

  /**
   * Takes the next chunk, which must not be empty. Not to be called again after any result other
   * than `more`.
   */
  push(chunk: Buffer): HeaderProgress {
    const bytes = this.#held === 0 ? chunk : this.#append(chunk)
    let at = 0
    while (true) {
      const result = decode(at === 0 ? bytes : bytes.subarray(at), this.#limit)
      if (result.status === 'incomplete') return this.#keep(bytes, at)
      if (result.status === 'malformed') {
        return { state: 'malformed', bytes: bytes.subarray(at), fault: result }
      }
      if (result.status === 'absent') {
        if (this.headers.length === 0 && !this.#mayOmit) return { state: 'absent', bytes }
        return { state: 'done', bytes, payloadAt: at }
      }
      const { version } = result.header
      if (!this.#settings.versions.includes(version)) {
        return { state: 'unaccepted', bytes: bytes.subarray(at), version }
      }
      this.headers.push(result.header)
      at += result.byteLength
      if (!this.#mayFollow(result.header)) return { state: 'done', bytes, payloadAt: at }
    }
  }

  /** Whether another header after this one would come from a party that may send one. */
  #mayFollow(header: ProxyHeader): boolean {
    if (this.headers.length >= this.#settings.maxHeaders) return false
    if (header.source === undefined || !('address' in header.source)) return false
    const source = parseAddress(header.source.address)
    return source !== undefined && this.#settings.from.has(source)
  }

  #keep(bytes: Buffer, at: number): HeaderProgress {
    if (at > 0 || this.#held === 0) {
      // The buffer of the header before this one may be as large as the chunk that ended it.
      this.#hold = NOTHING
      this.#held = 0
      this.#append(bytes.subarray(at))
    }
    return MORE
  }

  #append(chunk: Buffer): Buffer {
    const length = this.#held + chunk.length
    if (length > this.#hold.length) {
      const doubled = Math.min(2 * this.#hold.length, this.#settings.maxHeaderBytes)
      const larger = Buffer.allocUnsafeSlow(Math.max(length, FIRST_HOLD, doubled))
      larger.set(this.held)
      this.#hold = larger
    }
    this.#hold.set(chunk, this.#held)
    this.#held = length
    return this.held
  }
}
