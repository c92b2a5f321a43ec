import type { CollapsedMessage, Policy } from '@truehop/identity'
import { type Mask, UNMASKED } from '../view/address-mask.js'
import { listText, messageText } from '../view/foreign-text.js'
import type { CollapseView } from '../view/view.js'

/**
 * Milliseconds for which an alarm is shown after it was last raised. The alarm itself is silent for
 * one hour, so a lasting problem is reported again in time.
 */
const SHOWN_MS = 2 * 3_600_000

interface Held {
  readonly version: number
  readonly view: CollapseView
}

/** Alarms that a policy does not fit its surroundings: the last one of each kind, by policy. */
export class Collapses {
  readonly #held = new WeakMap<Policy, Map<string, Held>>()
  readonly #mask: Mask

  constructor(mask: Mask) {
    this.#mask = mask
  }

  add({ policy, kind, client, rule, seen, advice }: CollapsedMessage, now: number): void {
    const held = this.#held.get(policy) ?? new Map<string, Held>()
    this.#held.set(policy, held)
    const { version } = policy.status()
    const before = held.get(kind)
    const since = before !== undefined && isShown(before, version, now) ? before.view.since : now
    const view: CollapseView = {
      kind,
      since,
      last: now,
      client: client === undefined ? undefined : this.#mask(client),
      rule: rule === undefined ? undefined : listText(rule, UNMASKED),
      seen,
      advice: messageText(advice, UNMASKED),
    }
    held.set(kind, { version, view })
  }

  /** Those of the policy's current version: a newer version may have fixed the problem. */
  of(policy: Policy, now: number): CollapseView[] {
    const { version } = policy.status()
    const held = [...(this.#held.get(policy)?.values() ?? [])]
    return held.filter((one) => isShown(one, version, now)).map(({ view }) => view)
  }
}

function isShown({ version, view }: Held, current: number, now: number): boolean {
  return version === current && now - view.last < SHOWN_MS
}
