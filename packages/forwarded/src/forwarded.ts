import type { EntryCursor } from './entry-cursor.js'
import { type ForwardedElement, parseForwardedElement } from './forwarded-element.js'
import {
  type NodePlace,
  type NodeReading,
  parseForwardedNode,
  putNode,
  type UnidentifiedNode,
} from './node.js'
import { readEntry } from './read-entry.js'
import { skipEmptyElements, trimLeft } from './white-space.js'

const COMMA = 0x2c
const QUOTE = 0x22
const BACKSLASH = 0x5c

const INVALID: UnidentifiedNode = { fault: 'invalid-element' }
const UNIDENTIFIED: UnidentifiedNode = { fault: 'unidentified-node' }

/**
 * Reads `Forwarded` (RFC 7239 section 4) from the right, one element at a time.
 *
 *     Forwarded: for="open quote by the client, for=192.0.2.7;host="a\",b"
 *                                               └───────────────────────┘ first
 *
 * Lexed from the left, the quote that a client leaves open would swallow what the proxies appended
 * after it. Lexed from the right, a quote can only pair with one further left, inside the element
 * that a trusted hop wrote, and the client's text is never reached.
 *
 * A quote with an odd number of backslashes before it is a quoted-pair (RFC 9110 section 5.6.4).
 * Time is linear in the text passed over.
 */
export class ForwardedCursor implements EntryCursor {
  readonly #text: string
  /** End of the unread text; moves left. */
  #end: number
  #elementStart: number
  #elementEnd: number
  /** A search for an opening quote has reached the start of the text: no later one can succeed. */
  #noQuoteOpens = false
  #parsed: ForwardedElement | undefined

  constructor(text: string) {
    this.#text = text
    this.#end = text.length
    this.#elementStart = this.#elementEnd = text.length
  }

  get unread(): string {
    return this.#text.slice(0, this.#end)
  }

  /** Whether an element is left to read. */
  hasUnread(): boolean {
    this.#end = skipEmptyElements(this.#text, this.#end)
    return this.#end > 0
  }

  /** Reads the `for` of the next element to the left. Call `hasUnread()` first. */
  read(): NodeReading {
    return readEntry(this)
  }

  readInto(place: NodePlace): UnidentifiedNode | undefined {
    this.skip()
    const element = this.parameters
    if (element === undefined) return INVALID
    return element.for === undefined
      ? UNIDENTIFIED
      : putNode(parseForwardedNode(element.for), place)
  }

  restart(): void {
    this.#end = this.#elementStart = this.#elementEnd = this.#text.length
    this.#noQuoteOpens = false
    this.#parsed = undefined
  }

  /** Passes over the next element without interpreting it. Call `hasUnread()` first. */
  skip(): void {
    const comma = this.#commaBefore(this.#end)
    this.#parsed = undefined
    this.#elementEnd = this.#end
    this.#elementStart = trimLeft(this.#text, comma + 1, this.#end)
    this.#end = comma === -1 ? 0 : comma
  }

  /** The element that was read or skipped last, without white space around it. */
  get element(): string {
    return this.#text.slice(this.#elementStart, this.#elementEnd)
  }

  /** The parameters of the element read last; undefined if it breaks the grammar. */
  get parameters(): ForwardedElement | undefined {
    this.#parsed ??= parseForwardedElement(this.#text, this.#elementStart, this.#elementEnd)
    return this.#parsed
  }

  /** The nearest comma left of `end` outside any quoted-string, or -1. */
  #commaBefore(end: number): number {
    let i = end - 1
    while (i >= 0) {
      const code = this.#text.charCodeAt(i)
      if (code === COMMA) return i
      // A closing quote: go on left of the quote that opens it, or left of itself if none does.
      i = code === QUOTE ? this.#openingQuote(i) - 1 : i - 1
    }
    return -1
  }

  #openingQuote(closing: number): number {
    let i = this.#noQuoteOpens ? -1 : this.#text.lastIndexOf('"', closing - 1)
    while (i >= 0 && closing > 0) {
      const escapes = backslashesBefore(this.#text, i)
      if (escapes % 2 === 0) return i
      i = i - escapes === 0 ? -1 : this.#text.lastIndexOf('"', i - escapes - 1)
    }
    this.#noQuoteOpens = true
    return closing
  }
}

function backslashesBefore(text: string, end: number): number {
  let i = end
  while (i > 0 && text.charCodeAt(i - 1) === BACKSLASH) i--
  return end - i
}
