import { createHmac, randomBytes } from 'node:crypto'
import type { HmacSettings } from './privacy-options.js'

/**
 * The key of the period that a moment lies in. Derived from the long-term key by HMAC-SHA-256
 * over the period's number, so that one period's key says nothing about another's.
 */
export class PeriodKey {
  readonly #secret: Uint8Array | undefined
  readonly #periodMs: number
  #index = Number.NaN
  #key: Uint8Array = new Uint8Array(0)

  constructor({ key, period }: HmacSettings) {
    this.#periodMs = period * 1000
    this.#secret = key === 'ephemeral' ? undefined : key
  }

  /** `now` in milliseconds since 1970. */
  at(now: number): Uint8Array {
    const index = Math.floor(now / this.#periodMs)
    if (index !== this.#index) {
      this.#key = this.#secret === undefined ? randomBytes(32) : derive(this.#secret, index)
      this.#index = index
    }
    return this.#key
  }
}

function derive(secret: Uint8Array, index: number): Uint8Array {
  return createHmac('sha256', secret).update(`truehop address period ${index}`).digest()
}
