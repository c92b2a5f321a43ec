import { type Address, parseAddress } from '@truehop/ip'
import type { Hop } from '../policy/snapshot.js'
import { Claims } from './claims.js'
import type { Evidence } from './evidence.js'
import type { ResolvedIdentity, ResolvedReason } from './identity.js'
import type { WalkNode } from './node.js'

/** What a walk found out about the client: an identity without what other headers tell. */
export type Found = Omit<ResolvedIdentity, 'status' | 'protocol' | 'host'>

/** A walk that can be asked where it ended. */
export interface Walked {
  end(): Position
}

/** How far a walk has come: the claims, of which it has read some, and the node that they led to. */
export class Position extends Claims implements Walked {
  readonly peer: WalkNode | undefined
  /** The port of the node reached. */
  port: number | undefined
  /** The rule whose evidence named the node reached; undefined at the socket peer. */
  via: Hop | undefined
  /** At the node reached: the first rule that trusts it, though it has nothing more to read. */
  trusting: Hop | undefined
  /** At the node reached: the first such rule that requires evidence of which there was none. */
  missing: Hop | undefined
  /** Entries read. */
  hops: number
  /** Elements of request headers passed: how many HTTP hops are behind the walk. */
  httpHops: number

  constructor(evidence: Evidence) {
    super(evidence)
    this.peer = evidence.peer === 'unix' ? 'unix' : addressOf(evidence.peer)
    this.port = evidence.peerPort
    this.via = undefined
    this.trusting = undefined
    this.missing = undefined
    this.hops = 0
    this.httpHops = 0
  }

  end(): Position {
    return this
  }

  /** RFC 5952 text of the socket peer. */
  get peerText(): string | undefined {
    const { peer } = this
    if (peer === undefined || peer === 'unix') return peer
    // Dotted decimal has one spelling: it need not be printed anew.
    const given = this.evidence.peer
    return peer.family === 4 && given?.includes(':') === false ? given : peer.text
  }

  /** What is known when the node reached is the client. */
  found(client: Address, reason: ResolvedReason, rule: Hop | undefined): Found {
    return {
      ip: client.text,
      address: client,
      port: this.port,
      source: this.via === undefined ? 'socket' : this.via.asserts,
      reason,
      rule: rule?.name,
      peer: this.peerText,
      peerPort: this.evidence.peerPort,
      hops: this.hops,
    }
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
