import type { ClientIdentity } from '@truehop/identity'
import type { Inquiry } from './breaker.js'
import type { Charge } from './charge.js'
import { decisionOf, exceeds, type Line, type RateLimitDecision } from './decision.js'
import type { Quota } from './quota.js'
import type { Count, Counter, Store } from './store.js'

/** One request on its way through the limits. */
export interface Case {
  readonly identity: ClientIdentity
  readonly client: string
  /** At least one, that on the client's own network first. */
  readonly charges: readonly Charge[]
}

/** The counters of some quotas in one store. */
export class Ledger {
  readonly #by: 'store' | 'local'
  readonly #counters: ReadonlyMap<Quota, Counter>

  constructor(by: 'store' | 'local', store: Store, quotas: readonly Quota[]) {
    this.#by = by
    this.#counters = new Map(quotas.map((quota) => [quota, store.counter(quota)]))
  }

  /** Enters the charges and decides. Rejects where the store gives no answer. */
  settle(asked: Case, inquiry: Inquiry): RateLimitDecision | Promise<RateLimitDecision> {
    const charge = asked.charges[0]
    if (charge === undefined || asked.charges.length > 1) return this.#settleSeveral(asked, inquiry)
    const count = this.#charge(charge, asked.identity)
    if (!(count instanceof Promise)) return this.#decided(asked, [{ charge, count }])
    return count.then((counted) => this.#decided(asked, [{ charge, count: counted }]))
  }

  /**
   * Several charges, in three steps.
   *
   * 1. Look at all but the first, the widest network first. One that is used up refuses here and
   *    nothing is written for the narrower ones: addresses without end fill no memory.
   * 2. Charge the first, on the client's own network.
   * 3. Only who is admitted there is charged to the others: a client over its own limit does not
   *    use up what its neighbours share with it.
   *
   * It is the charge that decides, atomically, and not the look before it, so no quota admits
   * more than its limit; requests at the same moment may be charged in 2 and refused in 3.
   */
  async #settleSeveral(asked: Case, inquiry: Inquiry): Promise<RateLimitDecision> {
    const lines = asked.charges.map((charge): OpenLine => ({ charge, count: undefined }))
    const own = lines.slice(0, 1)
    const others = lines.slice(1)
    await filled(others, (charge) => this.#peek(charge, asked.identity))
    // The engine starts a block at the first charge over the limit, so it has to see that one.
    const full = others.filter(isFull).toReversed()
    for (const step of [...full.map((line) => [line]), own, others]) {
      if (inquiry.lapsed) break
      const open = step.filter((line) => !line.entered)
      await filled(open, (charge) => this.#charge(charge, asked.identity))
      for (const line of open) line.entered = true
      if (step.some(exceeds)) break
    }
    return this.#decided(asked, lines)
  }

  #charge({ quota, key, cost }: Charge, identity: ClientIdentity) {
    return this.#counter(quota).charge(key, cost, identity)
  }

  #peek({ quota, key }: Charge, identity: ClientIdentity) {
    return this.#counter(quota).peek(key, identity)
  }

  #counter(quota: Quota): Counter {
    const counter = this.#counters.get(quota)
    if (counter === undefined) throw new Error(`no counter for quota ${quota.name}`)
    return counter
  }

  #decided({ identity, client }: Case, lines: readonly Line[]): RateLimitDecision {
    return decisionOf(identity, client, lines, this.#by)
  }
}

interface OpenLine extends Line {
  count: Count | undefined
  entered?: true
}

/** Asks for the count of every line, all at once where the store takes its time. */
function filled(
  lines: readonly OpenLine[],
  ask: (charge: Charge) => Count | undefined | Promise<Count | undefined>,
): Promise<unknown> | undefined {
  const waiting: Promise<void>[] = []
  for (const line of lines) {
    const fill = (count: Count | undefined): void => {
      line.count = count
    }
    const count = ask(line.charge)
    if (count instanceof Promise) waiting.push(count.then(fill))
    else fill(count)
  }
  return waiting.length < 2 ? waiting[0] : Promise.all(waiting)
}

function isFull({ charge, count }: Line): boolean {
  return count !== undefined && count.consumed + charge.cost > charge.quota.limit
}
