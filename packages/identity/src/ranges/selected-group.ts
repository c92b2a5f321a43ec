import type { RangesSelect } from './format-names.js'
import { type Shape, value } from './json-shape.js'
import { RangesFormatError } from './lines.js'

/** Entries that wait for the field by which their group is selected: published lists have it first. */
const MAX_WAITING = 1024

/** The entries of a group, such as a service tag or a region, if its fields are what `select` says. */
export class SelectedGroup {
  /** The fields that decide, as shapes. */
  readonly fields: Readonly<Record<string, Shape>>
  readonly #select: RangesSelect
  readonly #take: (entry: string) => void
  readonly #found = new Map<string, boolean>()
  #waiting: string[] = []

  constructor(select: RangesSelect, take: (entry: string) => void) {
    this.#select = select
    this.#take = take
    this.fields = Object.fromEntries(Object.keys(select).map((key) => [key, this.#decider(key)]))
  }

  add(entry: string): void {
    const isWanted = this.#verdict()
    if (isWanted === true) this.#take(entry)
    else if (isWanted === undefined && this.#waiting.push(entry) > MAX_WAITING) {
      const keys = Object.keys(this.#select).join(', ')
      throw new RangesFormatError(`has a group whose ${keys} comes after its entries`)
    }
  }

  /** Nothing more belongs to the group: a missing field is not one that `select` accepts. */
  end(): void {
    this.#release()
    this.#found.clear()
  }

  #decider(key: string): Shape {
    return value((found) => {
      this.#found.set(key, this.#select[key]?.includes(String(found)) === true)
    })
  }

  /** Undefined while a field is still to come and none so far says no. */
  #verdict(): boolean | undefined {
    if ([...this.#found.values()].includes(false)) return false
    return this.#found.size === Object.keys(this.#select).length ? true : undefined
  }

  #release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    if (this.#verdict() === true) for (const entry of waiting) this.#take(entry)
  }
}
