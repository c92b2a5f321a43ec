import {
  definePolicy,
  type Evidence,
  type Explanation,
  explain,
  type PolicyOptions,
} from '@truehop/identity'

/** A way from a client to a service, with what everybody on it says. */
export interface Chain {
  /** File name of the picture, and of the page that shows it. */
  readonly name: string
  /** What people call the party with an address. */
  readonly parties: Readonly<Record<string, string>>
  readonly policy: PolicyOptions
  readonly evidence: Evidence
}

/** The walk along a chain. */
export function explainChain({ policy, evidence }: Chain): Explanation {
  return explain(definePolicy(policy), evidence)
}

/** The nodes of a walk, from the socket peer outwards. */
export function nodesOf({ identity, steps }: Explanation): string[] {
  const named = steps.flatMap(({ next }) => (next === undefined ? [] : [next]))
  return [identity.peer ?? 'not known', ...named]
}
