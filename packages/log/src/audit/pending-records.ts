import type { Cause } from './rate-gate.js'

/** The records that wait to be written, as text, in their order, and how much room they take. */
export class PendingRecords {
  readonly #room: number
  #texts: string[] = []
  #size = 0

  /** @param room In UTF-16 code units. */
  constructor(room: number) {
    this.#room = room
  }

  get length(): number {
    return this.#texts.length
  }

  /** All of them, oldest first: a copy, which does not grow meanwhile. */
  batch(): readonly string[] {
    return this.#texts.slice()
  }

  /** Records of an operator's actions have an eighth more room, which no client can fill. */
  hasRoomFor(json: string, cause: Cause): boolean {
    const room = cause === 'operator' ? this.#room + this.#room / 8 : this.#room
    return this.#size + json.length <= room
  }

  add(json: string): void {
    this.#texts.push(json)
    this.#size += json.length
  }

  /** For a record about those that wait, which comes before them. */
  addFirst(json: string): void {
    this.#texts.unshift(json)
    this.#size += json.length
  }

  removeOldest(count: number): void {
    for (const json of this.#texts.splice(0, count)) this.#size -= json.length
  }
}
