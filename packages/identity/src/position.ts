import { type Address, parseAddress } from '@truehop/ip'
import type { Claims } from './claims.js'
import type { Evidence } from './evidence.js'
import type { Hop } from './policy.js'

/** A party on the way: its address, or `'unix'` for a peer that has none. */
export type WalkNode = Address | 'unix'

/** How far a walk has come. */
export class Position {
  readonly evidence: Evidence
  readonly claims: Claims
  readonly peer: WalkNode | undefined
  /** The port of the node reached. */
  port: number | undefined
  /** The rule whose evidence named the node reached; undefined at the socket peer. */
  via: Hop | undefined
  /** Entries read. */
  hops = 0
  /** Elements of request headers passed: how many HTTP hops are behind the walk. */
  httpHops = 0

  constructor(evidence: Evidence, claims: Claims) {
    this.evidence = evidence
    this.claims = claims
    this.peer = evidence.peer === 'unix' ? 'unix' : addressOf(evidence.peer)
    this.port = evidence.peerPort
  }

  follow(hop: Hop, port: number | undefined): void {
    this.via = hop
    this.port = port
    if (hop.kind !== 'proxy-protocol') this.httpHops += hop.depth === 0 ? 1 : hop.depth
  }
}

function addressOf(peer: string | undefined): Address | undefined {
  return peer === undefined ? undefined : parseAddress(peer)
}
