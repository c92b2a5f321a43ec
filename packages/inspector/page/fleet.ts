import { policyKey } from '../src/view/policy-key.js'
import type { ClientView, Fleet, FleetMember, PolicyView, Snapshot } from '../src/view/view.js'
import { fleetRows, type Row } from './row.js'

/** The snapshots of several instances as the page shows them. */
export interface ReadFleet {
  readonly members: readonly Member[]
  /** The newest first. */
  readonly rows: readonly Row[]
  readonly clients: readonly ClientView[]
  readonly policies: readonly Policies[]
}

export interface Member {
  readonly name: string
  readonly url: string
  readonly snapshot: Snapshot
}

/** Clients of all instances that are shown. */
const MAX_CLIENTS = 40

export interface Policies {
  readonly policy: PolicyView
  /** The instances that have it. */
  readonly names: readonly string[]
}

export function readFleet(fleet: Fleet): ReadFleet {
  const members = fleet.members.flatMap((member): Member[] =>
    'snapshot' in member
      ? [{ name: nameOf(member), url: member.url, snapshot: member.snapshot }]
      : [],
  )
  const rows = members
    .flatMap(({ name, url, snapshot }) => fleetRows(url, name, snapshot))
    .sort((a, b) => b.decision.at - a.decision.at)
  return { members, rows, clients: clientsOf(members), policies: policiesOf(members) }
}

/** As the operator named it, who may ask several ports of one host. */
export function nameOf({ url }: FleetMember): string {
  const { host, pathname } = new URL(url)
  return pathname === '/' ? host : `${host}${pathname}`
}

/** One client may ask any instance: its requests are added up, and its limit is the nearest one. */
function clientsOf(members: readonly Member[]): ClientView[] {
  const clients = new Map<string, ClientView>()
  for (const view of members.flatMap(({ snapshot }) => snapshot.clients)) {
    const known = clients.get(view.client)
    const limits = [known?.limit, view.limit].filter((limit) => limit !== undefined)
    clients.set(view.client, {
      client: view.client,
      requests: view.requests + (known?.requests ?? 0),
      refused: view.refused + (known?.refused ?? 0),
      limit: limits.sort((a, b) => a.remaining / a.limit - b.remaining / b.limit)[0],
    })
  }
  const sorted = [...clients.values()].sort(
    (a, b) => b.refused - a.refused || b.requests - a.requests,
  )
  return sorted.slice(0, MAX_CLIENTS)
}

/** Those that say the same are one, whatever their versions. */
function policiesOf(members: readonly Member[]): Policies[] {
  const policies = new Map<string, Policies>()
  for (const { name, snapshot } of members) {
    const key = policyKey(snapshot.policy)
    const known = policies.get(key)
    policies.set(key, { policy: snapshot.policy, names: [...(known?.names ?? []), name] })
  }
  return [...policies.values()]
}
