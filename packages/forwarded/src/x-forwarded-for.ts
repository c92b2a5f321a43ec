import { ipv4Before } from '@truehop/ip/internal'
import type { EntryCursor } from './entry-cursor.js'
import {
  type NodePlace,
  type NodeReading,
  putIpv4,
  putOtherNode,
  type UnidentifiedNode,
} from './node.js'
import { readEntry } from './read-entry.js'
import { isWhiteSpace, skipEmptyElements, trimLeft, trimRight } from './white-space.js'

const COMMA = 0x2c

/** Where `ipv4Before` leaves what it read. Reading never yields, so one place is enough. */
const ipv4 = { word: 0 }

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
export class XForwardedForCursor implements EntryCursor {
  private readonly source: string
  /** End of the unread text; moves left. */
  private end: number
  private elementStart: number

  constructor(text: string) {
    this.source = text
    this.end = text.length
    this.elementStart = text.length
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
    return readEntry(this)
  }

  readInto(place: NodePlace): UnidentifiedNode | undefined {
    if (this.readIpv4()) return putIpv4(ipv4.word, undefined, place)
    const { end } = this
    this.skip()
    return putOtherNode(this.source, this.elementStart, end, place)
  }

  restart(): void {
    this.end = this.elementStart = this.source.length
  }

  /** Passes over the next element without interpreting it. Call `hasUnread()` first. */
  skip(): void {
    const text = this.source
    let start = this.end
    while (start > 0 && text.charCodeAt(start - 1) !== COMMA) start--
    this.elementStart = trimLeft(text, start, this.end)
    this.end = start === 0 ? 0 : start - 1
  }

  /** Reads the next element if it is IPv4 text and nothing else, as most of them are. */
  private readIpv4(): boolean {
    const text = this.source
    const start = ipv4Before(text, 0, this.end, ipv4)
    if (start < 0) return false
    let at = start - 1
    while (at >= 0 && isWhiteSpace(text.charCodeAt(at))) at--
    if (at >= 0 && text.charCodeAt(at) !== COMMA) return false
    this.elementStart = start
    this.end = Math.max(at, 0)
    return true
  }

  /** The element that was read or skipped last, without white space around it. */
  get element(): string {
    const comma = this.source.indexOf(',', this.elementStart)
    const end = comma === -1 ? this.source.length : comma
    return this.source.slice(this.elementStart, trimRight(this.source, end))
  }
}
