import type { ClientIdentity } from '@truehop/identity'
import type { AnomalyView, DecisionView } from '../view/view.js'
import { Budget } from './budget.js'
import { Ring } from './ring.js'

/** Ordinary decisions a second that are explained and kept; the others are only counted. */
const KEPT_A_SECOND = 50
/** The same for undetermined ones, which ordinary ones must not crowd out, and for anomalies. */
const ODD_A_SECOND = 20
/**
 * Places for requests that have been decided and may still turn out to be the inspector's own, so
 * that opening the page pushes nothing out of it.
 */
const PENDING = 16

export interface Held<View> {
  view: View
  /** Of the request; undefined for refused connections, which have no request. */
  readonly identity: ClientIdentity | undefined
}

/**
 * What is kept of one application. Each has places and a budget of its own: a flood of one pushes
 * nothing of another out.
 */
export class Kept {
  readonly decisions: Ring<Held<DecisionView>>
  readonly anomalies: Ring<Held<AnomalyView>>
  readonly #ordinary = new Budget(KEPT_A_SECOND)
  readonly #odd = new Budget(ODD_A_SECOND)
  readonly #oddities = new Budget(ODD_A_SECOND)
  readonly #keep: number
  /** Decisions that were only counted. */
  passedOver = 0

  constructor(keep: number) {
    this.#keep = keep
    this.decisions = new Ring(keep + PENDING)
    this.anomalies = new Ring(keep + PENDING)
  }

  /** Whether there is room for a decision in this second; counts it if not. */
  hasRoom(isResolved: boolean, now: number): boolean {
    const hasRoom = (isResolved ? this.#ordinary : this.#odd).take(now)
    if (!hasRoom) this.passedOver++
    return hasRoom
  }

  hasRoomForAnomaly(now: number): boolean {
    return this.#oddities.take(now)
  }

  /** Leaves a request out. Returns the anomalies that go with it. */
  remove(identity: ClientIdentity, now: number): AnomalyView[] {
    for (const decided of this.decisions.values()) {
      if (decided.identity !== identity) continue
      this.decisions.remove(decided)
      this.#ordinary.giveBack(now)
    }
    const odd = this.anomalies.values().filter((anomaly) => anomaly.identity === identity)
    for (const anomaly of odd) this.anomalies.remove(anomaly)
    return odd.map(({ view }) => view)
  }

  /** The newest, oldest first. */
  decisionViews(): DecisionView[] {
    return this.#newest(this.decisions)
  }

  anomalyViews(): AnomalyView[] {
    return this.#newest(this.anomalies)
  }

  #newest<View>(ring: Ring<Held<View>>): View[] {
    return ring
      .values()
      .slice(-this.#keep)
      .map(({ view }) => view)
  }
}
