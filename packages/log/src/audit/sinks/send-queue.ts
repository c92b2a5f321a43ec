/** Messages that wait to be sent, bounded, and how many had no room. */
export class SendQueue {
  readonly #maxBytes: number
  #waiting: Buffer[] = []
  /** Of `#waiting`, those that were handed over to the connection. */
  #sent = 0
  #bytes = 0
  #leftOut = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#waiting.length
  }

  /** The first that has not been handed over; undefined if there is none. */
  next(): Buffer | undefined {
    return this.#waiting[this.#sent++] ?? this.#none()
  }

  #none(): undefined {
    this.#sent = this.#waiting.length
  }

  add(message: Buffer): void {
    if (this.#bytes + message.length > this.#maxBytes) {
      this.leaveOut()
      return
    }
    this.#waiting.push(message)
    this.#bytes += message.length
  }

  get hasLeftOut(): boolean {
    return this.#leftOut > 0
  }

  leaveOut(): void {
    this.#leftOut++
  }

  /** The first message is with the system. */
  shift(): void {
    const message = this.#waiting.shift()
    this.#bytes -= message?.length ?? 0
    this.#sent = Math.max(0, this.#sent - 1)
  }

  /** What was handed over to a connection that broke goes to the next one. */
  rewind(): void {
    this.#sent = 0
  }

  /** Messages that had no room since the last call. */
  takeLeftOut(): number {
    const count = this.#leftOut
    this.#leftOut = 0
    return count
  }
}
