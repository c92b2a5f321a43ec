import type { EntryCursor } from './entry-cursor.js'
import {
  type NodePlace,
  type NodeReading,
  parseNodeWithPort,
  putHeaderNode,
  putNode,
  type UnidentifiedNode,
} from './node.js'
import { readEntry } from './read-entry.js'
import { trimLeft, trimRight } from './white-space.js'

const AMBIGUOUS: UnidentifiedNode = { fault: 'ambiguous-single-header' }

/**
 * How a single-address header writes its address. `address`: without a port, or with one where that
 * cannot be misread (`v4:port`, `[v6]:port`). `address:port`: the port is always there, after the
 * last colon, and an IPv6 address needs no brackets.
 */
export type SingleAddressForm = 'address' | 'address:port'

/**
 * Reads a header that carries one address (`CF-Connecting-IP`, `X-Real-IP`, `True-Client-IP`, …):
 * exactly one address on one line. Node joins repeated lines with a comma, so a comma means that a
 * second line or a second value was added, and nobody can know which of them counts.
 */
export class SingleAddressCursor implements EntryCursor {
  private readonly source: string
  private readonly form: SingleAddressForm
  private readonly start: number
  private readonly end: number
  private isNext: boolean

  constructor(text: string, form: SingleAddressForm = 'address') {
    this.source = text
    this.form = form
    this.end = trimRight(text, text.length)
    this.start = trimLeft(text, 0, this.end)
    this.isNext = this.start < this.end
  }

  get unread(): string {
    return this.isNext ? this.element : ''
  }

  hasUnread(): boolean {
    return this.isNext
  }

  read(): NodeReading {
    return readEntry(this)
  }

  readInto(place: NodePlace): UnidentifiedNode | undefined {
    this.skip()
    if (this.source.includes(',')) return AMBIGUOUS
    return this.form === 'address'
      ? putHeaderNode(this.source, this.start, this.end, place)
      : putNode(parseNodeWithPort(this.source, this.start, this.end), place)
  }

  restart(): void {
    this.isNext = this.start < this.end
  }

  skip(): void {
    this.isNext = false
  }

  get element(): string {
    return this.source.slice(this.start, this.end)
  }
}
