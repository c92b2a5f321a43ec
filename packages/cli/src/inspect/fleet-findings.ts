import { type Fleet, policyKey } from '@truehop/inspector/fleet'

/** What is wrong with a fleet, one line each. */
export function fleetFindings({ members }: Fleet): string[] {
  const silent = members.flatMap((member) =>
    'problem' in member ? [`${member.url}: ${member.problem}`] : [],
  )
  const answering = members.flatMap((member) => ('snapshot' in member ? [member] : []))
  const alarms = answering.flatMap(({ url, snapshot }) =>
    snapshot.collapses.map(({ kind, advice }) => `${url}: ${kind}: ${advice}`),
  )
  const policies = new Set(answering.map(({ snapshot }) => policyKey(snapshot.policy)))
  const differ = policies.size > 1 ? [`the instances have ${policies.size} different policies`] : []
  return [...silent, ...differ, ...alarms]
}
