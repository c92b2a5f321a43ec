import type { Explanation, Policy } from '@truehop/identity/core'
import { parseAddress } from '@truehop/ip'
import { type Mask, UNMASKED } from './address-mask.js'
import type { OutcomeView, StepView, WalkView } from './view.js'

/** Steps of one walk that are shown. */
const MAX_STEPS = 32
/** Characters of a text that a client chose. */
const MAX_TEXT = 200
/** Characters of a message. */
const MAX_MESSAGE = 400

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
      entry: mask(cut(step.entry)),
      next: step.next === undefined ? undefined : mask(step.next),
    })),
    omitted: Math.max(0, steps.length - MAX_STEPS),
    outcome: outcome(explanation, mask),
    ignored: ignored.map((claim) => ({ ...claim, text: mask(cut(claim.text)) })),
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
  const address = node === 'unix' ? node : parseAddress(node)
  return address === undefined ? undefined : hop?.from.match(address)?.entry
}

/** The end of a list is what the hops nearest to this server wrote. */
export function cut(text: string): string {
  return text.length > MAX_TEXT ? `…${text.slice(1 - MAX_TEXT)}` : text
}

/** A message begins with what matters. */
export function cutEnd(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 1)}…` : text
}
