import type { Address } from '@truehop/ip'
import type { Hop } from '../policy/snapshot.js'
import type { Evidence } from './evidence.js'
import type {
  ClientIdentity,
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './identity.js'
import type { Conflict } from './ignored-claims.js'
import { nodesOf } from './nodes.js'
import { AskedOriginal } from './original-request.js'
import { isNamed, type NamedClient, type Position } from './position.js'
import { type ConnectionTlvs, connectionTlvs } from './tlvs.js'

/**
 * The identity that a walk ended with: the one place where identities are made. A contradiction
 * leaves no client, whatever the walk found.
 */
export function identityFrom(
  at: Position,
  evidence: Evidence,
  contradiction?: Conflict,
): ClientIdentity {
  return contradiction === undefined && isNamed(at)
    ? new Resolved(at, evidence)
    : new Undetermined(at, evidence, contradiction)
}

/**
 * A client that the walk named. All callers get the same object, so its state is private and
 * nothing on it can be set: cheaper than freezing each one. What a request carries is closed
 * against additions when it is put there.
 */
class Resolved implements ResolvedIdentity {
  readonly #at: NamedClient
  readonly #evidence: Evidence
  #original: AskedOriginal | undefined

  constructor(at: NamedClient, evidence: Evidence) {
    this.#at = at
    this.#evidence = evidence
  }

  get status(): 'resolved' {
    return 'resolved'
  }

  get ip(): string {
    return this.#at.nodeText
  }

  get address(): Address {
    const { node } = this.#at
    Object.freeze(node)
    return node
  }

  get port(): number | undefined {
    return this.#at.port
  }

  get source(): string {
    return this.#at.source
  }

  get reason(): ResolvedReason {
    return this.#at.resolved
  }

  get rule(): string | undefined {
    return this.#at.rule?.name
  }

  get peer(): string | undefined {
    return this.#at.peerText
  }

  get peerPort(): number | undefined {
    return this.#at.peerPort
  }

  get hops(): number {
    return this.#at.hops
  }

  get nodes(): readonly string[] {
    return nodesOf(this.#at)
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#asked.protocol
  }

  get host(): string | undefined {
    return this.#asked.host
  }

  get tlvs(): ConnectionTlvs | undefined {
    return connectionTlvs(this.#at.lastProxyHeader)
  }

  toJSON(): object {
    return plainOf(this, RESOLVED)
  }

  get #asked(): AskedOriginal {
    this.#original ??= new AskedOriginal(this.#at, this.#evidence, false)
    return this.#original
  }
}

/** A walk without an answer. */
class Undetermined implements UndeterminedIdentity {
  readonly #at: Position
  readonly #evidence: Evidence
  readonly #contradiction: Conflict | undefined
  #original: AskedOriginal | undefined

  constructor(at: Position, evidence: Evidence, contradiction: Conflict | undefined) {
    this.#at = at
    this.#evidence = evidence
    this.#contradiction = contradiction
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
    return this.#at.undetermined ?? 'conflicting-evidence'
  }

  get source(): string {
    return this.#contradiction?.source ?? this.#at.source
  }

  get rule(): string | undefined {
    return this.#rule?.name
  }

  get lastTrustedHop(): string | undefined {
    return this.#rule === undefined ? undefined : this.#at.nodeText
  }

  get peer(): string | undefined {
    return this.#at.peerText
  }

  get peerPort(): number | undefined {
    return this.#at.peerPort
  }

  get hops(): number {
    return this.#at.hops
  }

  get entry(): string | undefined {
    const rule = this.#rule
    return rule === undefined ? undefined : this.#at.entryOf(rule)
  }

  get nodes(): readonly string[] {
    return nodesOf(this.#at)
  }

  get protocol(): 'http' | 'https' | undefined {
    return this.#asked.protocol
  }

  get host(): string | undefined {
    return this.#asked.host
  }

  get tlvs(): ConnectionTlvs | undefined {
    return connectionTlvs(this.#at.lastProxyHeader)
  }

  toJSON(): object {
    return plainOf(this, UNDETERMINED)
  }

  get #asked(): AskedOriginal {
    const isContradicted = this.#contradiction !== undefined
    this.#original ??= new AskedOriginal(this.#at, this.#evidence, isContradicted)
    return this.#original
  }

  /** The walk's last rule; the one that named the client whom a contradiction leaves out. */
  get #rule(): Hop | undefined {
    return this.#contradiction === undefined ? this.#at.rule : this.#at.via
  }
}

const COMMON = ['status', 'reason', 'source', 'rule', 'peer', 'peerPort', 'hops', 'nodes'] as const
const RESOLVED = ['ip', 'address', 'port', ...COMMON, 'protocol', 'host', 'tlvs'] as const
const UNDETERMINED = ['lastTrustedHop', ...COMMON, 'protocol', 'host', 'tlvs'] as const

/** What JSON and the like see of an identity, whose members are not own properties. */
function plainOf<T>(identity: T, members: readonly (keyof T)[]): object {
  return Object.fromEntries(members.map((member) => [member, identity[member]]))
}
