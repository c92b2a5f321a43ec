import { createHmac, randomBytes } from 'node:crypto'
import { LogError, refuseUnknown, requireInteger } from '../log-error.js'

/** How addresses become tokens. */
export interface HmacOptions {
  /**
   * At least 16 bytes, as bytes or as text (then its UTF-8 bytes count), best 32 random ones from
   * a secret store. Processes with the same key and period write the same tokens.
   *
   * `'ephemeral'`: a new random key for each period, kept in this process's memory and forgotten
   * after it. Nobody can recompute such tokens later, and no two processes or periods agree.
   */
  readonly key: string | Uint8Array | 'ephemeral'
  /** Seconds a token stays the same, 60 to 31,622,400 (366 days). Default 86,400, UTC days. */
  readonly period?: number
}

const LEAST_BYTES = 16
const EXAMPLE =
  "write hmac: { key: process.env.LOG_KEY } with the output of `openssl rand -base64 32` in it, or hmac: { key: 'ephemeral' }"

/**
 * The key of the period that a moment lies in. Derived from the long-term key by HMAC-SHA-256
 * over the period's number, so that one period's key tells nothing of another's.
 */
export class PeriodKey {
  readonly #secret: Uint8Array | undefined
  readonly #periodMs: number
  #index = Number.NaN
  #key: Uint8Array = new Uint8Array(0)

  /** Throws `LogError` for a key that is missing or too weak. */
  constructor(options: HmacOptions) {
    refuseUnknown(options, ['key', 'period'], 'hmac.')
    const { period = 86_400 } = options
    requireInteger('hmac.period', period, 60, 31_622_400)
    this.#periodMs = period * 1000
    this.#secret = options.key === 'ephemeral' ? undefined : secretOf(options.key)
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

function secretOf(key: unknown): Uint8Array {
  if (key === undefined || key === '') {
    throw new LogError('missing-key', 'hmac.key', `address: 'hmac' needs a key; ${EXAMPLE}`)
  }
  const bytes = typeof key === 'string' ? new TextEncoder().encode(key) : key
  if (!(bytes instanceof Uint8Array)) {
    throw new LogError(
      'bad-option',
      'hmac.key',
      `expected bytes or text, got ${typeof key}; ${EXAMPLE}`,
    )
  }
  if (bytes.length < LEAST_BYTES) {
    throw new LogError(
      'weak-key',
      'hmac.key',
      `${bytes.length} bytes are too few, ${LEAST_BYTES} are the least; ${EXAMPLE}`,
    )
  }
  // A placeholder such as sixteen zeros is found by whoever tries the obvious first.
  if (new Set(bytes).size < 4) {
    throw new LogError(
      'weak-key',
      'hmac.key',
      `fewer than four different bytes are no secret; ${EXAMPLE}`,
    )
  }
  return Uint8Array.from(bytes)
}
