/** Bits of one set. 4096 can count about a thousand strings, and a window has a few hundred. */
const BITS = 4096

/**
 * Roughly how many different strings were added, and how many of them more than once, in one KiB
 * and without keeping any: linear counting (Whang, Vander-Zanden and Taylor, 1990).
 *
 *     text ── hash with a seed of its own ──> bit ──> 0 → 1: new        (#once)
 *                                                     1 → 1: came again (#again)
 *
 * The seed is secret, so an attacker cannot choose strings that share a bit.
 */
export class DistinctCount {
  readonly #seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  readonly #once = new Uint32Array(BITS / 32)
  readonly #again = new Uint32Array(BITS / 32)
  #distinct = 0
  #repeated = 0

  /** Strings that came at least once. */
  get distinct(): number {
    return this.#distinct
  }

  /** Strings that came at least twice. */
  get repeated(): number {
    return this.#repeated
  }

  add(text: string): void {
    const bit = hash(text, this.#seed) % BITS
    const word = bit >>> 5
    const mask = 1 << (bit & 31)
    if (((this.#once[word] ?? 0) & mask) === 0) {
      this.#once[word] = (this.#once[word] ?? 0) | mask
      this.#distinct++
    } else if (((this.#again[word] ?? 0) & mask) === 0) {
      this.#again[word] = (this.#again[word] ?? 0) | mask
      this.#repeated++
    }
  }

  clear(): void {
    this.#once.fill(0)
    this.#again.fill(0)
    this.#distinct = 0
    this.#repeated = 0
  }
}

/** Characters of a string that count: a client's longer string is not read further. */
const MAX_TEXT = 64

/** FNV-1a with a seed, then mixed once more, since its low bits are weak. */
function hash(text: string, seed: number): number {
  let value = seed
  const length = Math.min(text.length, MAX_TEXT)
  for (let at = 0; at < length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}
