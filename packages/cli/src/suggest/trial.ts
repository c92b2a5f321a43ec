import {
  type ClientIdentity,
  definePolicy,
  type Evidence,
  type Explanation,
  explain,
  type Policy,
} from '@truehop/identity'
import type { Entry, ProposedPolicy } from './proposal.js'

/** Walks of a sample under a policy that is tried. */
export interface Trial {
  readonly policy: Policy
  readonly walks: readonly Explanation[]
  /** Requests by client. */
  readonly clients: ReadonlyMap<string, number>
  readonly undetermined: number
}

/** PROXY headers in a row that a sample has, at most. */
export function proxyDepth(samples: readonly Evidence[]): number {
  return samples.reduce((most, { proxyHeaders = [] }) => Math.max(most, proxyHeaders.length), 0)
}

/** The options of a policy with these entries. */
export function optionsOf(entries: readonly Entry[], depth: number): ProposedPolicy {
  const readsProxy = entries.some(
    (entry) => 'asserts' in entry && entry.asserts === 'proxy-protocol',
  )
  const chained = entries.filter((e) => 'asserts' in e && e.asserts === 'proxy-protocol').length > 1
  return readsProxy && chained && depth > 1
    ? { hops: entries, proxyProtocol: { maxHeaders: depth } }
    : { hops: entries }
}

/** The walks of the sample under these entries, by the same code that decides requests. */
export function tryEntries(entries: readonly Entry[], samples: readonly Evidence[]): Trial {
  const policy = definePolicy(optionsOf(entries, proxyDepth(samples)))
  const clients = new Map<string, number>()
  let undetermined = 0
  const walks = samples.map((evidence) => {
    const walk = explain(policy, evidence)
    const client = clientOf(walk.identity)
    if (client === undefined) undetermined++
    else clients.set(client, 1 + (clients.get(client) ?? 0))
    return walk
  })
  return { policy, walks, clients, undetermined }
}

export function clientOf(identity: ClientIdentity): string | undefined {
  return identity.status === 'resolved' ? identity.ip : undefined
}

/** Whether there is more of the evidence that the walk read last, beyond the node at which it ended. */
export function goesOn({ steps, ignored }: Explanation): boolean {
  const last = steps.at(-1)?.asserts
  return ignored.some(({ source, why }) => source === last && why === 'beyond-the-client')
}
