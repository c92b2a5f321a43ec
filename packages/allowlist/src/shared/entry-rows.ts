import { Address, Prefix } from '@truehop/ip'
import { entryText, type HeldEntry } from './shared-entry.js'

/** Rows of one block: none is ever copied when another is needed. */
const BLOCK = 1024

/** Lengths of IPv6 prefixes count from here, so that one number has family and length. */
const V6 = 256

const FREE = 0xffff

/** Texts of which one copy is kept: most entries say the same as others. */
const KNOWN_TEXTS = 1000

interface Block {
  readonly words: Uint32Array
  readonly slots: Uint16Array
  /** Infinity for an entry that stays. */
  readonly expires: Float64Array
  readonly added: Float64Array
  readonly about: string[]
  /** 1 where the times are a copy's. */
  readonly copied: Uint8Array
}

/**
 * Entries by number, in columns: a million objects would make the garbage collector keep every
 * request waiting that comes while it walks over them.
 */
export class EntryRows {
  readonly #blocks: Block[] = []
  readonly #free: number[] = []
  readonly #texts = new Map<string, string>()
  #next = 0
  /** Milliseconds by which the times of a copy are too early. */
  #shift = 0

  /** Numbers given so far, those of removed entries among them. */
  get length(): number {
    return this.#next
  }

  add(prefix: Prefix, held: HeldEntry, isCopied: boolean): number {
    const row = this.#free.pop() ?? this.#next++
    const { address, length, family } = prefix
    const { words, slots } = this.#block(row)
    const at = row % BLOCK
    words.set([address.w0, address.w1, address.w2, address.w3], 4 * at)
    slots[at] = family === 6 ? V6 + length : length
    this.say(row, held, isCopied)
    return row
  }

  /** Changes what is said of an entry. */
  say(row: number, held: HeldEntry, isCopied: boolean): void {
    const { expires, added, about, copied } = this.#block(row)
    const at = row % BLOCK
    copied[at] = Number(isCopied)
    expires[at] = held.expires ?? Number.POSITIVE_INFINITY
    added[at] = held.added
    about[at] = this.#shared(held.about)
  }

  drop(row: number): void {
    const { slots, about } = this.#block(row)
    slots[row % BLOCK] = FREE
    about[row % BLOCK] = ''
    this.#free.push(row)
  }

  /** False for a number that no entry has any more. */
  isTaken(row: number): boolean {
    return this.#block(row).slots[row % BLOCK] !== FREE
  }

  isOver(row: number, now: number): boolean {
    const { expires, copied } = this.#block(row)
    const at = row % BLOCK
    return (expires[at] ?? 0) + (copied[at] === 1 ? this.#shift : 0) <= now
  }

  isCopied(row: number): boolean {
    return this.#block(row).copied[row % BLOCK] === 1
  }

  /** Moves the times of all entries of a copy, those that stay aside. */
  shiftCopied(by: number): void {
    this.#shift += by
  }

  prefix(row: number): Prefix {
    const { words, slots } = this.#block(row)
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words.subarray(4 * (row % BLOCK))
    const slot = slots[row % BLOCK] ?? 0
    if (slot < V6) return Prefix.of(Address.ipv4(w3), slot)
    return Prefix.of(Address.ipv6(w0, w1, w2, w3), slot - V6)
  }

  held(row: number): HeldEntry {
    const { expires, added, about, copied } = this.#block(row)
    const at = row % BLOCK
    const shift = copied[at] === 1 ? this.#shift : 0
    const end = (expires[at] ?? 0) + shift
    return {
      entry: entryText(this.prefix(row)),
      expires: end === Number.POSITIVE_INFINITY ? undefined : end,
      added: (added[at] ?? 0) + shift,
      about: about[at] ?? '',
    }
  }

  #block(row: number): Block {
    const number = Math.floor(row / BLOCK)
    const block = this.#blocks[number] ?? newBlock()
    this.#blocks[number] = block
    return block
  }

  #shared(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= KNOWN_TEXTS) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }
}

function newBlock(): Block {
  return {
    words: new Uint32Array(4 * BLOCK),
    slots: new Uint16Array(BLOCK).fill(FREE),
    expires: new Float64Array(BLOCK),
    added: new Float64Array(BLOCK),
    about: new Array<string>(BLOCK).fill(''),
    copied: new Uint8Array(BLOCK),
  }
}
