import { Address } from '@truehop/ip'
import { ipv4Before } from '@truehop/ip/internal'
import { type NodeReading, namedNode, parseHeaderNode } from './node.js'
import { isWhiteSpace, skipEmptyElements, trimLeft } from './white-space.js'

const COMMA = 0x2c

/**
 * Reads `X-Forwarded-For` from the right, one element at a time.
 *
 *     X-Forwarded-For: 203.0.113.9, 10.1.0.4 , 10.0.0.7
 *                                              └──────┘ first: what the nearest hop appended
 *
 * Text left of the last element read has not been looked at: it can neither change nor spoil
 * what has been read. Several header lines are one list (RFC 9110 section 5.3); empty elements
 * are skipped and not counted. Time is linear in the text passed over.
 */
export class XForwardedForCursor {
  private readonly source: string
  /** End of the unread text; moves left. */
  private end: number
  private elementStart: number
  private elementEnd: number
  /** The bits of the IPv4 address that was read last. */
  word: number

  constructor(text: string) {
    this.source = text
    this.end = text.length
    this.elementStart = this.elementEnd = text.length
    this.word = 0
  }

  get unread(): string {
    return this.source.slice(0, this.end)
  }

  /** Whether an element is left to read. */
  hasUnread(): boolean {
    this.end = skipEmptyElements(this.source, this.end)
    return this.end > 0
  }

  /** Reads the next element to the left. Call `hasUnread()` first. */
  read(): NodeReading {
    if (this.readIpv4()) return namedNode(Address.ipv4(this.word))
    this.skip()
    return parseHeaderNode(this.source, this.elementStart, this.elementEnd)
  }

  /** Passes over the next element without interpreting it. Call `hasUnread()` first. */
  skip(): void {
    const text = this.source
    let start = this.end
    while (start > 0 && text.charCodeAt(start - 1) !== COMMA) start--
    this.elementEnd = this.end
    this.elementStart = trimLeft(text, start, this.end)
    this.end = start === 0 ? 0 : start - 1
  }

  /** Reads the next element if it is IPv4 text and nothing else, as most of them are. */
  private readIpv4(): boolean {
    const text = this.source
    const start = ipv4Before(text, 0, this.end, this)
    if (start < 0) return false
    let at = start - 1
    while (at >= 0 && isWhiteSpace(text.charCodeAt(at))) at--
    if (at >= 0 && text.charCodeAt(at) !== COMMA) return false
    this.elementStart = start
    this.elementEnd = this.end
    this.end = Math.max(at, 0)
    return true
  }

  /** The element that was read or skipped last, without white space around it. */
  get element(): string {
    return this.source.slice(this.elementStart, this.elementEnd)
  }
}
