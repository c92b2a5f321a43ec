import { RangesFormatError } from './lines.js'

/** Maximum UTF-16 units of a string or a number, and of a value that is kept whole. */
const MAX_VALUE = 16_384

/** A punctuation mark, `"` for a string, or `w` for a number, `true`, `false` or `null`. */
export type Token = '{' | '}' | '[' | ']' | ',' | ':' | '"' | 'w'

const SIGNS: ReadonlyMap<string, Token> = new Map(
  (['{', '}', '[', ']', ',', ':'] as const).map((sign) => [sign, sign]),
)

/** The tokens of a JSON text (RFC 8259 section 2) that comes in pieces. Words are not checked. */
export class JsonTokens {
  #text = ''
  #start = 0
  #end = 0
  /** Where the value begins that is kept; -1 for none. */
  #kept = -1
  #isWhole = false

  /** More text, once `next` has had what there was. */
  feed(piece: string): void {
    const from = this.#kept < 0 ? this.#end : this.#kept
    this.#text = this.#text.slice(from) + piece
    this.#end -= from
    if (this.#kept >= 0) this.#kept = 0
  }

  /** No more text comes: what looked unfinished is all there is. */
  finish(): void {
    this.#isWhole = true
  }

  /** The next token; undefined if it is not there, or not complete. */
  next(): Token | undefined {
    this.#start = this.#afterBlanks()
    if (this.#start === this.#text.length) {
      this.#end = this.#start
      // Endless blanks make no token, and would be kept, and copied with every piece.
      if (this.#kept >= 0) checkLength(this.#end - this.#kept)
      return undefined
    }
    const first = this.#text.charAt(this.#start)
    const sign = SIGNS.get(first)
    const end =
      sign !== undefined ? this.#start + 1 : first === '"' ? this.#textEnd() : this.#wordEnd()
    if (end < 0) {
      this.#end = this.#start
      return undefined
    }
    this.#end = end
    if (this.#kept >= 0) checkLength(end - this.#kept)
    return sign ?? (first === '"' ? '"' : 'w')
  }

  /** The token as written. */
  get source(): string {
    return this.#text.slice(this.#start, this.#end)
  }

  /** From this token on the text is kept, until `kept` is called. */
  keep(): void {
    this.#kept = this.#start
  }

  /** What was kept, including this token. */
  kept(): string {
    const text = this.#text.slice(this.#kept, this.#end)
    this.#kept = -1
    return text
  }

  get isAtEnd(): boolean {
    return this.#end === this.#text.length
  }

  #afterBlanks(): number {
    let at = this.#end
    for (; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break
    }
    return at
  }

  #textEnd(): number {
    for (let at = this.#start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === 0x22) return at + 1
      if (code === 0x5c) at++
      checkLength(at - this.#start)
    }
    return -1
  }

  #wordEnd(): number {
    let at = this.#start
    while (at < this.#text.length && isOfWord(this.#text.charCodeAt(at))) {
      checkLength(++at - this.#start)
    }
    if (at === this.#start) throw noJson()
    return at === this.#text.length && !this.#isWhole ? -1 : at
  }
}

/** Letters, digits, `+`, `-` and `.`. */
function isOfWord(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x45 ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e
  )
}

function checkLength(length: number): void {
  if (length <= MAX_VALUE) return
  throw new RangesFormatError(`has a value of over ${MAX_VALUE} characters`)
}

export function noJson(): RangesFormatError {
  return new RangesFormatError('is not JSON')
}
