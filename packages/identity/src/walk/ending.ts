import type { Address } from '@truehop/ip'
import type { Hop } from '../policy/snapshot.js'
import type { ResolvedReason, UndeterminedReason } from './identity.js'
import type { Position } from './position.js'

/**
 * How a walk ended. The same for every request with the same evidence: it refers to none of them.
 */
export type Ending = NamedClient | NoClient

interface Ended {
  /** Where it ended. */
  readonly at: Position
  /** The rule that applied last. */
  readonly rule: Hop | undefined
  /** The evidence that decided: `'socket'`, `'proxy-protocol'` or a header's name. */
  readonly source: string
}

/** The node reached is the client. */
export interface NamedClient extends Ended {
  readonly address: Address
  readonly reason: ResolvedReason
}

/** The client is not known, and never guessed. */
export interface NoClient extends Ended {
  readonly address: undefined
  readonly reason: UndeterminedReason
}
