import type { ClientIdentity } from '@truehop/identity'
import {
  ANOMALY_KINDS,
  type AnomalyKind,
  type AnomalyView,
  type DecisionView,
} from '../view/view.js'
import { Budget } from './budget.js'
import { Ring } from './ring.js'

/** Ordinary decisions a second that are explained and kept; the others are only counted. */
const KEPT_A_SECOND = 50
/** The same for undetermined ones, which ordinary ones must not crowd out, and for each kind of anomaly. */
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

interface KeptAnomalies {
  readonly ring: Ring<Held<AnomalyView>>
  readonly budget: Budget
}

/**
 * What is kept of one application. Each has places and a budget of its own, and so has each kind of
 * anomaly: a flood of one pushes nothing of another out.
 */
export class Kept {
  readonly decisions: Ring<Held<DecisionView>>
  readonly #anomalies: ReadonlyMap<AnomalyKind, KeptAnomalies>
  readonly #ordinary = new Budget(KEPT_A_SECOND)
  readonly #odd = new Budget(ODD_A_SECOND)
  readonly #keep: number
  /** Decisions that were only counted. */
  passedOver = 0

  constructor(keep: number) {
    this.#keep = keep
    this.decisions = new Ring(keep + PENDING)
    this.#anomalies = new Map(
      ANOMALY_KINDS.map((kind) => [
        kind,
        { ring: new Ring(keep + PENDING), budget: new Budget(ODD_A_SECOND) },
      ]),
    )
  }

  /** Whether there is room for a decision in this second; counts it if not. */
  hasRoom(isResolved: boolean, now: number): boolean {
    const hasRoom = (isResolved ? this.#ordinary : this.#odd).take(now)
    if (!hasRoom) this.passedOver++
    return hasRoom
  }

  hasRoomForAnomaly(kind: AnomalyKind, now: number): boolean {
    return this.#anomalies.get(kind)?.budget.take(now) === true
  }

  addAnomaly(anomaly: Held<AnomalyView>): void {
    this.#anomalies.get(anomaly.view.kind)?.ring.add(anomaly)
  }

  /** Leaves a request out. Returns the anomalies that go with it. */
  remove(identity: ClientIdentity, now: number): AnomalyView[] {
    for (const decided of this.decisions.values()) {
      if (decided.identity !== identity) continue
      this.decisions.remove(decided)
      this.#ordinary.giveBack(now)
    }
    return [...this.#anomalies.values()].flatMap(({ ring }) => {
      const odd = ring.values().filter((anomaly) => anomaly.identity === identity)
      for (const anomaly of odd) ring.remove(anomaly)
      return odd.map(({ view }) => view)
    })
  }

  /** The newest, oldest first. */
  decisionViews(): DecisionView[] {
    return this.#newest(this.decisions)
  }

  /** The newest of each kind. */
  anomalyViews(): AnomalyView[] {
    return [...this.#anomalies.values()].flatMap(({ ring }) => this.#newest(ring))
  }

  #newest<View>(ring: Ring<Held<View>>): View[] {
    return ring
      .values()
      .slice(-this.#keep)
      .map(({ view }) => view)
  }
}
