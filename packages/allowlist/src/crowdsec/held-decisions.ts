import type { Address, Prefix } from '@truehop/ip'
import type { Slices } from '@truehop/ip/internal'
import { PrefixTable } from '../prefix-table.js'
import type { HeldDecision, PlacedDecision } from './decision.js'

/** Types on one address that are held. */
const MOST_TYPES = 16

/** Decisions of one slice: between two of them requests are answered. */
const PER_SLICE = 256

/** The decisions in force, of each prefix one of each type: the one that lasts longest. */
export class HeldDecisions {
  readonly #table = new PrefixTable<readonly HeldDecision[]>()
  readonly #most: number
  /** Those that found no room. */
  left = 0

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#table.size
  }

  match(address: Address, now: number): HeldDecision | undefined {
    const held = this.#table.longest(address, (decisions) => !decisions.some(lasts(now)))
    return held?.find(lasts(now))
  }

  /** Ends some decisions and begins others; what is ended and begun again goes on. */
  *change(ended: readonly PlacedDecision[], begun: readonly PlacedDecision[]): Slices<void> {
    let done = 0
    for (const each of ended) {
      this.#end(each)
      if (++done % PER_SLICE === 0) yield
    }
    for (const each of begun) {
      this.begin(each)
      if (++done % PER_SLICE === 0) yield
    }
  }

  /** Unless one of its type lasts longer, or there is no room. */
  begin({ prefix, decision }: PlacedDecision): void {
    const held = this.#table.get(prefix)
    if (held === undefined && this.size >= this.#most) {
      this.left++
      return
    }
    const same = held?.find(({ type }) => type === decision.type)
    if (same !== undefined && same.until > decision.until) return
    const others = without(held, decision.type)
    if (others.length < MOST_TYPES) this.#set(prefix, [...others, decision])
  }

  *values(now: number): Generator<HeldDecision> {
    for (const decisions of this.#table.values()) yield* decisions.filter(lasts(now))
  }

  #end({ prefix, decision }: PlacedDecision): void {
    const held = this.#table.get(prefix)
    if (held !== undefined) this.#set(prefix, without(held, decision.type))
  }

  #set(prefix: Prefix, decisions: readonly HeldDecision[]): void {
    if (decisions.length === 0) this.#table.delete(prefix)
    else this.#table.set(prefix, decisions)
  }
}

function lasts(now: number): (decision: HeldDecision) => boolean {
  return ({ until }) => until > now
}

function without(
  decisions: readonly HeldDecision[] | undefined,
  type: string,
): readonly HeldDecision[] {
  return decisions?.filter((each) => each.type !== type) ?? []
}
