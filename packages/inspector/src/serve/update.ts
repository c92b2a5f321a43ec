import type { Policy } from '@truehop/identity'
import type { InspectorSettings } from '../options.js'
import { BUCKET_MS } from '../record/activity.js'
import type { Recorder } from '../record/recorder.js'
import { formOf } from '../view/address-mask.js'
import { policyView } from '../view/policy-view.js'
import type { DecisionView, Snapshot, Update } from '../view/view.js'

/**
 * Maximum characters of decisions in one update, which is queued as one piece with no other behind
 * it: 2000 ordinary decisions, or as many as fit of those full of claims.
 */
const MAX_DECISIONS = 1_572_864

/** What a page knows already. */
export interface Since {
  /** The newest id or change that it was sent. */
  readonly seen: number
  /** When its last update was made, in milliseconds since 1970; 0 for none. */
  readonly toldAt: number
  /** Whether the policy is to be sent. */
  readonly withPolicy: boolean
}

const NOTHING: Since = { seen: 0, toldAt: 0, withPolicy: true }

export function updateFor(
  recorder: Recorder,
  { address, keep }: Pick<InspectorSettings, 'address' | 'keep'>,
  policy: Policy,
  { seen, toldAt, withPolicy }: Since,
): Update {
  const now = Date.now()
  return {
    now,
    instance: recorder.instance,
    address: formOf(address),
    keep,
    bucketMs: BUCKET_MS,
    passedOver: recorder.passedOver(policy),
    ...(withPolicy ? { policy: policyView(policy), history: recorder.history(policy) } : {}),
    collapses: recorder.collapses(policy, now),
    decisions: newest(recorder.decisions(policy, seen)),
    anomalies: recorder.anomalies(policy, seen),
    // The bucket of the last update may have grown since.
    activity: recorder.activity(now, Math.max(0, toldAt - 2 * BUCKET_MS)),
    clients: recorder.clients(now),
  }
}

/** Everything at this moment. */
export function snapshotOf(
  recorder: Recorder,
  settings: Pick<InspectorSettings, 'address' | 'keep'>,
  policy: Policy,
): Snapshot {
  const {
    policy: view = policyView(policy),
    history = [],
    ...rest
  } = updateFor(recorder, settings, policy, NOTHING)
  return { snapshot: 1, ...rest, policy: view, history }
}

/** As many as there is room for. */
function newest(decisions: readonly DecisionView[]): readonly DecisionView[] {
  let length = 0
  const tooOld = decisions.findLastIndex((decision) => {
    length += JSON.stringify(decision).length
    return length > MAX_DECISIONS
  })
  return decisions.slice(tooOld + 1)
}
