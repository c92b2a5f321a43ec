import { channel } from 'node:diagnostics_channel'
import { type Collapse, CollapseAlarm } from '../alarm/collapse-alarm.js'
import type { Policy } from '../policy/policy.js'
import type { Evidence } from '../walk/evidence.js'
import type { ClientIdentity } from '../walk/identity.js'

/** `truehop.identity.collapsed`: the policy does not fit what is in front of the service. */
export interface CollapsedMessage extends Collapse {
  readonly policy: Policy
}

const COLLAPSED = channel('truehop.identity.collapsed')

interface Watched {
  readonly alarm: CollapseAlarm
  readonly listeners: Set<(collapse: Collapse) => void>
}

const watched = new WeakMap<Policy, Watched>()

/** Shows the alarm of the policy one decision. */
export function watchForCollapse(
  policy: Policy,
  identity: ClientIdentity,
  evidence: Evidence,
): void {
  watchedOf(policy).alarm.observe(identity, evidence)
}

/** Calls the listener when the alarm of the policy is raised: at most once an hour for each kind. */
export function onCollapsed(policy: Policy, listener: (collapse: Collapse) => void): void {
  watchedOf(policy).listeners.add(listener)
}

/** The log line of an alarm: what was seen and what to write. */
export function collapseText({ kind, client, rule, seen, advice }: Collapse): string {
  const by = rule === undefined ? 'no rule' : `rule ${rule}`
  const figures = Object.entries(seen).map(([what, count]) => `${what} ${count}`)
  return `the policy may not fit what is in front of this service (${kind}; client ${client ?? 'unknown'} by ${by}; ${figures.join(', ')}): ${advice}`
}

function watchedOf(policy: Policy): Watched {
  const known = watched.get(policy)
  if (known !== undefined) return known
  const listeners = new Set<(collapse: Collapse) => void>()
  const alarm = new CollapseAlarm((collapse) => {
    policy.counters.countCollapse(collapse.kind)
    COLLAPSED.publish({ policy, ...collapse } satisfies CollapsedMessage)
    for (const listener of listeners) listener(collapse)
  })
  const made = { alarm, listeners }
  watched.set(policy, made)
  return made
}
