import type { Address } from '@truehop/ip'
import type { Ending, NamedClient, NoClient } from './ending.js'
import type { Evidence } from './evidence.js'
import type {
  ClientIdentity,
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './identity.js'
import { type OriginalRequest, originalRequest } from './original-request.js'
import { type ConnectionTlvs, connectionTlvs } from './tlvs.js'

/** The identity that a walk ended with: the one place where identities are made. */
export function identityFrom(ending: Ending, evidence: Evidence): ClientIdentity {
  return ending.address === undefined
    ? new Undetermined(ending, evidence)
    : new Resolved(ending, evidence)
}

/**
 * A client that the walk named. All callers get the same object, so its state is private and
 * nothing on it can be set: cheaper than freezing each one. What a request carries is closed
 * against additions when it is put there.
 */
class Resolved implements ResolvedIdentity {
  readonly #ending: NamedClient
  readonly #evidence: Evidence
  #request: OriginalRequest | undefined

  constructor(ending: NamedClient, evidence: Evidence) {
    this.#ending = ending
    this.#evidence = evidence
  }

  get status(): 'resolved' {
    return 'resolved'
  }

  get ip(): string {
    return this.#ending.address.text
  }

  get address(): Address {
    const { address } = this.#ending
    Object.freeze(address)
    return address
  }

  get port(): number | undefined {
    return this.#ending.at.port
  }

  get source(): string {
    return this.#ending.source
  }

  get reason(): ResolvedReason {
    return this.#ending.reason
  }

  get rule(): string | undefined {
    return this.#ending.rule?.name
  }

  get peer(): string | undefined {
    return this.#ending.at.peer?.toString()
  }

  get peerPort(): number | undefined {
    return this.#ending.at.peerPort
  }

  get hops(): number {
    return this.#ending.at.hops
  }

  get nodes(): readonly string[] {
    return this.#ending.at.nodes
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#original().protocol
  }

  get host(): string | undefined {
    return this.#original().host
  }

  get tlvs(): ConnectionTlvs | undefined {
    return connectionTlvs(this.#ending.at.lastProxyHeader)
  }

  toJSON(): object {
    return plainOf(this, RESOLVED)
  }

  #original(): OriginalRequest {
    this.#request ??= originalRequest(this.#ending, this.#evidence)
    return this.#request
  }
}

/** A walk without an answer. */
class Undetermined implements UndeterminedIdentity {
  readonly #ending: NoClient
  readonly #evidence: Evidence
  #request: OriginalRequest | undefined

  constructor(ending: NoClient, evidence: Evidence) {
    this.#ending = ending
    this.#evidence = evidence
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
    return this.#ending.reason
  }

  get source(): string {
    return this.#ending.source
  }

  get rule(): string | undefined {
    return this.#ending.rule?.name
  }

  get lastTrustedHop(): string | undefined {
    const { at, rule } = this.#ending
    return rule === undefined ? undefined : at.node?.toString()
  }

  get peer(): string | undefined {
    return this.#ending.at.peer?.toString()
  }

  get peerPort(): number | undefined {
    return this.#ending.at.peerPort
  }

  get hops(): number {
    return this.#ending.at.hops
  }

  get entry(): string | undefined {
    const { at, rule } = this.#ending
    return rule === undefined ? undefined : at.entryOf(rule)
  }

  get nodes(): readonly string[] {
    return this.#ending.at.nodes
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#original().protocol
  }

  get host(): string | undefined {
    return this.#original().host
  }

  get tlvs(): ConnectionTlvs | undefined {
    return connectionTlvs(this.#ending.at.lastProxyHeader)
  }

  toJSON(): object {
    return plainOf(this, UNDETERMINED)
  }

  #original(): OriginalRequest {
    this.#request ??= originalRequest(this.#ending, this.#evidence)
    return this.#request
  }
}

const COMMON = ['status', 'reason', 'source', 'rule', 'peer', 'peerPort', 'hops', 'nodes'] as const
const RESOLVED = ['ip', 'address', 'port', ...COMMON, 'protocol', 'host', 'tlvs'] as const
const UNDETERMINED = ['lastTrustedHop', ...COMMON, 'protocol', 'host', 'tlvs'] as const

/** What JSON and the like see of an identity, whose members are not own properties. */
function plainOf<T>(identity: T, members: readonly (keyof T)[]): object {
  return Object.fromEntries(members.map((member) => [member, identity[member]]))
}
