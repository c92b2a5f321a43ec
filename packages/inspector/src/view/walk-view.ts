import type { Explanation, Policy } from '@truehop/identity/portable'
import { parseAddress } from '@truehop/ip'
import { type Mask, UNMASKED } from './address-mask.js'
import { listText } from './foreign-text.js'
import type { OutcomeView, StepView, WalkView } from './view.js'

/** Steps of one walk that are shown. */
const MAX_STEPS = 32

/** An explanation as the page shows it: masked, and bounded whatever a client sent. */
export function walkView(explanation: Explanation, policy: Policy, mask: Mask): WalkView {
  const { identity, steps, ignored, conflicts } = explanation
  return {
    peer: identity.peer === undefined ? undefined : mask(identity.peer),
    peerPort: portFor(mask, identity.peerPort),
    steps: steps.slice(0, MAX_STEPS).map((step) => ({
      ...step,
      node: mask(step.node),
      port: portFor(mask, step.port),
      trustedBy: trustedBy(policy, step.rule, step.node),
      entry: listText(step.entry, mask),
      next: step.next === undefined ? undefined : mask(step.next),
    })),
    omitted: Math.max(0, steps.length - MAX_STEPS),
    outcome: outcome(explanation, mask),
    ignored: ignored.map((claim) => ({ ...claim, text: listText(claim.text, mask) })),
    conflicts: conflicts.map(({ source, claims }) => ({ source, claims: mask(claims) })),
  }
}

function outcome({ identity }: Explanation, mask: Mask): OutcomeView {
  const { status, reason, source, rule } = identity
  if (identity.status === 'undetermined') return { status, reason, source, rule }
  return {
    status,
    reason,
    source,
    rule,
    client: mask(identity.ip),
    port: portFor(mask, identity.port),
  }
}

function portFor(mask: Mask, port: number | undefined): number | undefined {
  return mask === UNMASKED ? port : undefined
}

function trustedBy(policy: Policy, rule: string, node: string): StepView['trustedBy'] {
  const hop = policy.current.hops.find(({ name }) => name === rule)
  const address = node === 'unix' || node === 'event' ? node : parseAddress(node)
  return address === undefined ? undefined : hop?.from.match(address)?.entry
}
