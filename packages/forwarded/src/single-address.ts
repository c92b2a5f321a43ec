import { type NodeReading, parseHeaderNode, parseNodeWithPort } from './node.js'
import { trimLeft, trimRight } from './white-space.js'

const AMBIGUOUS: NodeReading = { fault: 'ambiguous-single-header' }

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
export class SingleAddressCursor {
  readonly #text: string
  #start: number
  #end: number
  #isUnread: boolean
  readonly #form: SingleAddressForm

  constructor(text: string, form: SingleAddressForm = 'address') {
    this.#text = text
    this.#form = form
    this.#end = trimRight(text, text.length)
    this.#start = trimLeft(text, 0, this.#end)
    this.#isUnread = this.#start < this.#end
  }

  get unread(): string {
    return this.#isUnread ? this.element : ''
  }

  hasUnread(): boolean {
    return this.#isUnread
  }

  read(): NodeReading {
    this.skip()
    if (this.#text.includes(',')) return AMBIGUOUS
    const parse = this.#form === 'address' ? parseHeaderNode : parseNodeWithPort
    return parse(this.#text, this.#start, this.#end)
  }

  skip(): void {
    this.#isUnread = false
  }

  get element(): string {
    return this.#text.slice(this.#start, this.#end)
  }
}
