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
    this.hops = at.hops
    this.#at = at
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#original().protocol
  }

  get host(): string | undefined {
    return this.#original().host
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
  readonly hops: number
  readonly #at: Position

  constructor(
    at: Position,
    reason: UndeterminedReason,
    rule: Hop | undefined,
    node: WalkNode | undefined,
  ) {
    this.reason = reason
    this.source = rule === undefined ? 'socket' : rule.asserts
    this.rule = rule?.name
    this.lastTrustedHop = rule === undefined ? undefined : node?.toString()
    this.peer = at.peer?.toString()
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
