import type { ClientIdentity } from '@truehop/identity'

/** Why a request is allowed or not. */
export type DecisionReason =
  /** An entry of the allow list matched, and no entry of the deny list. */
  | 'allow-entry'
  /** An entry of the deny list matched. Nothing outweighs it. */
  | 'deny-entry'
  /** There is an allow list and the client is not on it. */
  | 'not-in-allow'
  /** There is only a deny list and the client is not on it. */
  | 'not-in-deny'
  /** Nobody knows who the client is, so no list can decide about it: denied. */
  | 'undetermined'

/** What the lists say about one client. The response never shows it. */
export interface Decision {
  readonly allowed: boolean
  /** False with `mode: 'report'`: the request goes on, whatever `allowed` says. */
  readonly enforced: boolean
  /** The list that contains `entry`; `'none'` if no entry decided. */
  readonly list: 'allow' | 'deny' | 'none'
  /** The deciding entry as it was written. */
  readonly entry: string | undefined
  /** Where the entry comes from: `'static'`, `'runtime'` or the live source's name. */
  readonly source: string | undefined
  readonly reason: DecisionReason
  /** The allowlist's own name. */
  readonly name: string
  /** The client's address text, `'unknown'` if the identity is undetermined. */
  readonly client: string
  readonly identity: ClientIdentity
}

/** True if the request must be answered with a refusal. */
export function isRefused(decision: Decision): boolean {
  return decision.enforced && !decision.allowed
}
