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
  readonly charges: readonly [Charge, ...Charge[]]
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
    const [charge, ...others] = asked.charges
    if (others.length > 0) return this.#settleSeveral(asked, inquiry)
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
    const [charge, ...further] = asked.charges
    const own: OpenLine = { charge, count: undefined }
    const others = further.map((other): OpenLine => ({ charge: other, count: undefined }))
    const look = async (line: OpenLine) => {
      line.count = await this.#peek(line.charge, asked.identity)
    }
    const enter = async (line: OpenLine) => {
      line.count = await this.#charge(line.charge, asked.identity)
      line.entered = true
    }
    await Promise.all(others.map(look))
    const lines = [own, ...others]
    // The engine starts a block at the first charge over the limit, so it has to see that one.
    const full = others.filter(isFull).toReversed()
    for (const step of [...full.map((line) => [line]), [own], others]) {
      if (inquiry.lapsed) break
      await Promise.all(step.filter((line) => line.entered !== true).map(enter))
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
  entered?: boolean
}

function isFull({ charge, count }: Line): boolean {
  return count !== undefined && count.consumed + charge.cost > charge.quota.limit
}
