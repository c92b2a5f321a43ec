import type { Address } from '@truehop/ip'
import type { Hop } from '../policy/snapshot.js'
import type {
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './identity.js'
import type { WalkNode } from './node.js'
import { connectionRequest, type OriginalRequest, originalRequest } from './original-request.js'
import type { Found, Position, Walked } from './position.js'

/** How a walk ends. */
export type Decided = Resolved | Undetermined

/** A client that the walk named. */
export class Resolved implements ResolvedIdentity {
  readonly status = 'resolved'
  readonly ip: string
  readonly address: Address
  readonly port: number | undefined
  readonly source: string
  readonly reason: ResolvedReason
  readonly rule: string | undefined
  readonly peer: string | undefined
  readonly peerPort: number | undefined
  readonly hops: number
  readonly #walked: Walked
  #request: OriginalRequest | undefined

  constructor(walked: Walked, found: Found) {
    this.ip = found.ip
    this.address = found.address
    this.port = found.port
    this.source = found.source
    this.reason = found.reason
    this.rule = found.rule
    this.peer = found.peer
    this.peerPort = found.peerPort
    this.hops = found.hops
    this.#walked = walked
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#original().protocol
  }

  get host(): string | undefined {
    return this.#original().host
  }

  /** The same walk, ended without an answer because other evidence contradicts it. */
  contradictedBy(source: string): Undetermined {
    const at = this.#walked.end()
    return new Undetermined(at, 'conflicting-evidence', at.via, this.address, source)
  }

  #original(): OriginalRequest {
    this.#request ??= originalRequest(this.#walked.end())
    return this.#request
  }
}

/** A walk without an answer. Nothing but the connection's own word counts for the request. */
export class Undetermined implements UndeterminedIdentity {
  readonly status = 'undetermined'
  readonly reason: UndeterminedReason
  readonly source: string
  readonly rule: string | undefined
  readonly lastTrustedHop: string | undefined
  readonly peer: string | undefined
  readonly peerPort: number | undefined
  readonly hops: number
  readonly #at: Position

  constructor(
    at: Position,
    reason: UndeterminedReason,
    rule: Hop | undefined,
    node: WalkNode | undefined,
    source: string = rule === undefined ? 'socket' : rule.asserts,
  ) {
    this.reason = reason
    this.source = source
    this.rule = rule?.name
    this.lastTrustedHop = rule === undefined ? undefined : node?.toString()
    this.peer = at.peerText
    this.peerPort = at.evidence.peerPort
    this.hops = at.hops
    this.#at = at
  }

  get protocol(): 'http' | 'https' | undefined {
    return connectionRequest(this.#at).protocol
  }

  get host(): string | undefined {
    return connectionRequest(this.#at).host
  }
}
