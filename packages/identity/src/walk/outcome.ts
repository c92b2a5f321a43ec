import type { Address } from '@truehop/ip'
import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
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
import { type ConnectionTlvs, connectionTlvs } from './tlvs.js'

/** How a walk ends. */
export type Decided = Resolved | Undetermined

/**
 * A client that the walk named. Everybody who asks gets the same object, so its state is private
 * and there is nothing on it that could be set: cheaper than freezing each one. What a request
 * carries is closed against additions where it is put there.
 */
export class Resolved implements ResolvedIdentity {
  readonly #found: Found
  readonly #walked: Walked
  #request: OriginalRequest | undefined
  #nodes: readonly string[] | undefined

  constructor(walked: Walked, found: Found) {
    this.#found = found
    this.#walked = walked
  }

  get status(): 'resolved' {
    return 'resolved'
  }

  get ip(): string {
    return this.#found.address.text
  }

  get address(): Address {
    const { address } = this.#found
    Object.freeze(address)
    return address
  }

  get port(): number | undefined {
    return this.#found.port
  }

  get source(): string {
    return this.#found.source
  }

  get reason(): ResolvedReason {
    return this.#found.reason
  }

  get rule(): string | undefined {
    return this.#found.rule
  }

  get peer(): string | undefined {
    return this.#found.peer
  }

  get peerPort(): number | undefined {
    return this.#found.peerPort
  }

  get hops(): number {
    return this.#found.hops
  }

  get nodes(): readonly string[] {
    this.#nodes ??= Object.freeze(this.#walked.end().nodes())
    return this.#nodes
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#original().protocol
  }

  get host(): string | undefined {
    return this.#original().host
  }

  get tlvs(): ConnectionTlvs | undefined {
    return connectionTlvs(this.lastProxyHeader)
  }

  get lastProxyHeader(): ProxyHeader | undefined {
    return this.#walked.lastProxyHeader
  }

  /** What was found, for a later request with the same evidence: without this one's headers. */
  get found(): Found {
    return Object.freeze(this.#found)
  }

  /** The same walk, ended without an answer because other evidence contradicts it. */
  contradictedBy(source: string): Undetermined {
    const at = this.#walked.end()
    return new Undetermined(at, 'conflicting-evidence', at.via, this.#found.address, source)
  }

  toJSON(): object {
    return plainOf(this, RESOLVED)
  }

  #original(): OriginalRequest {
    this.#request ??= originalRequest(this.#walked.end())
    return this.#request
  }
}

/** A walk without an answer. */
export class Undetermined implements UndeterminedIdentity {
  readonly #at: Position
  readonly #reason: UndeterminedReason
  readonly #source: string
  readonly #rule: Hop | undefined
  readonly #node: WalkNode | undefined
  #request: OriginalRequest | undefined
  #nodes: readonly string[] | undefined

  constructor(
    at: Position,
    reason: UndeterminedReason,
    rule: Hop | undefined,
    node: WalkNode | undefined,
    source: string = rule === undefined ? 'socket' : rule.asserts,
  ) {
    this.#at = at
    this.#reason = reason
    this.#source = source
    this.#rule = rule
    this.#node = node
  }

  get status(): 'undetermined' {
    return 'undetermined'
  }

  get ip(): undefined {
    return undefined
  }

  get address(): undefined {
    return undefined
  }

  get port(): undefined {
    return undefined
  }

  get reason(): UndeterminedReason {
    return this.#reason
  }

  get source(): string {
    return this.#source
  }

  get rule(): string | undefined {
    return this.#rule?.name
  }

  get lastTrustedHop(): string | undefined {
    return this.#rule === undefined ? undefined : this.#node?.toString()
  }

  get peer(): string | undefined {
    return this.#at.peerText
  }

  get peerPort(): number | undefined {
    return this.#at.evidence.peerPort
  }

  get hops(): number {
    return this.#at.hops
  }

  get entry(): string | undefined {
    const text = this.#rule === undefined ? '' : this.#at.cursor(this.#rule).element
    return text === '' ? undefined : text
  }

  get nodes(): readonly string[] {
    this.#nodes ??= Object.freeze(this.#at.nodes())
    return this.#nodes
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#original().protocol
  }

  get host(): string | undefined {
    return this.#original().host
  }

  get tlvs(): ConnectionTlvs | undefined {
    return connectionTlvs(this.#at.lastProxyHeader)
  }

  toJSON(): object {
    return plainOf(this, UNDETERMINED)
  }

  /** Where evidence contradicts itself, nothing but the connection's own word counts. */
  #original(): OriginalRequest {
    const read = this.#reason === 'conflicting-evidence' ? connectionRequest : originalRequest
    this.#request ??= read(this.#at)
    return this.#request
  }
}

const COMMON = ['status', 'reason', 'source', 'rule', 'peer', 'peerPort', 'hops', 'nodes'] as const
const RESOLVED = ['ip', 'address', 'port', ...COMMON, 'protocol', 'host', 'tlvs'] as const
const UNDETERMINED = ['lastTrustedHop', ...COMMON, 'protocol', 'host', 'tlvs'] as const

/** What JSON and the like find of an identity, whose members are not its own. */
function plainOf<T>(identity: T, members: readonly (keyof T)[]): object {
  return Object.fromEntries(members.map((member) => [member, identity[member]]))
}
