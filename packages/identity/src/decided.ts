import type { Address } from '@truehop/ip'
import type {
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './identity.js'
import { connectionRequest, type OriginalRequest, originalRequest } from './original-request.js'
import type { Hop } from './policy.js'
import type { Position, WalkNode } from './position.js'

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
  readonly #at: Position
  #request: OriginalRequest | undefined

  constructor(at: Position, client: Address, reason: ResolvedReason, rule: Hop | undefined) {
    this.ip = client.text
    this.address = client
    this.port = at.port
    this.source = at.via === undefined ? 'socket' : at.via.asserts
    this.reason = reason
    this.rule = rule?.name
    this.peer = at.peer?.toString()
    this.peerPort = at.evidence.peerPort
    this.hops = at.hops
    this.#at = at
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#original().protocol
  }

  get host(): string | undefined {
    return this.#original().host
  }

  /** The same walk, ended without an answer because other evidence contradicts it. */
  contradictedBy(source: string): Undetermined {
    return new Undetermined(this.#at, 'conflicting-evidence', this.#at.via, this.address, source)
  }

  #original(): OriginalRequest {
    this.#request ??= originalRequest(this.#at)
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
    this.peer = at.peer?.toString()
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
