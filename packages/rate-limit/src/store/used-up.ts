import type { Count } from '../decide/rule.js'
import type { Answer, Line } from './store.js'

/** Maximum number of keys remembered; one that is forgotten costs a question. */
const MOST = 10_000
/** Milliseconds after which the store is asked again: an operator may have reset the key. */
const LONGEST = 10_000

/** Moments of `performance.now()`, and what the store said. */
interface Word {
  /** Until when it is valid. */
  readonly until: number
  /** Until when the store said to wait. */
  readonly wait: number
  readonly rest: number
  readonly banned: number
  readonly used: number
  readonly cost: number
  readonly capacity: number
  readonly limit: number
}

/**
 * The store's last word on keys that are used up. Nothing but time changes it, so a client that
 * keeps asking is refused here, without a question.
 *
 * Not remembered: keys whose units other requests may give back, and those whose refusals are
 * counted.
 */
export class UsedUp {
  readonly #words = new Map<string, Word>()

  /** The refusal of lines among which one is known to be used up. */
  answer(lines: readonly Line[]): Answer | undefined {
    if (this.#words.size === 0) return undefined
    const now = performance.now()
    const counts: (Count | undefined)[] = []
    let isKnown = false
    for (const line of lines) {
      const count = line.shadow ? undefined : this.#countOf(line, now)
      counts.push(count)
      if (count !== undefined) isKnown = true
    }
    return isKnown ? { done: false, at: 0, counts, banned: [] } : undefined
  }

  learn(lines: readonly Line[], answer: Answer): void {
    if (answer.done) return
    const now = performance.now()
    for (const [i, line] of lines.entries()) {
      const count = answer.counts[i]
      if (count === undefined || count.wait <= 0 || line.shadow) continue
      const isFinal = count.banned > 0 || (line.rule.ban === undefined && !line.rule.refunds)
      if (!isFinal || line.cost > line.capacity) continue
      const { wait, rest, banned, used } = count
      const { cost, capacity, limit } = line
      const until = now + Math.min(wait, LONGEST)
      const ends = { until, wait: now + wait, rest: now + rest, banned: now + banned }
      this.#keep(nameOf(line), { ...ends, used, cost, capacity, limit })
    }
  }

  clear(): void {
    this.#words.clear()
  }

  /** Called after a change that gives units back. */
  forget(lines: readonly Line[]): void {
    for (const line of lines) this.#words.delete(nameOf(line))
  }

  #keep(name: string, word: Word): void {
    this.#words.delete(name)
    this.#words.set(name, word)
    if (this.#words.size <= MOST) return
    for (const oldest of this.#words.keys()) {
      this.#words.delete(oldest)
      return
    }
  }

  #countOf(line: Line, now: number): Count | undefined {
    const word = this.#words.get(nameOf(line))
    if (word === undefined) return undefined
    if (word.until <= now) {
      this.#words.delete(nameOf(line))
      return undefined
    }
    const banned = Math.max(0, word.banned - now)
    if (banned === 0 && asksForLess(line, word)) return undefined
    return { used: word.used, wait: word.wait - now, rest: word.rest - now, banned }
  }
}

/** A cheaper request, or one of a larger or faster plan, may have room where another had none. */
function asksForLess({ cost, capacity, limit }: Line, word: Word): boolean {
  return cost < word.cost || capacity > word.capacity || limit > word.limit
}

function nameOf({ rule, key }: Line): string {
  return `${rule.name}\n${key.text}`
}
