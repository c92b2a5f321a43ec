import { ForwardedCursor, type ForwardedElement, type NodePlace } from '@truehop/forwarded'
import { Address, parseAddress } from '@truehop/ip'
import { ipv4Text } from '@truehop/ip/internal'
import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { NodeMatcher } from '../policy/peers.js'
import type { Hop } from '../policy/snapshot.js'
import { openClaims } from './claims.js'
import type { Evidence } from './evidence.js'
import type { ResolvedReason, UndeterminedReason } from './identity.js'
import { type ClaimCursor, hasNoAddress, type WalkNode } from './node.js'
import { ProxyHeaderCursor } from './proxy-header-cursor.js'

/** Entries that the walk read one after another by the same rule, and those before them. */
interface Run {
  readonly hop: Hop
  readonly count: number
  readonly before: Run | undefined
}

/**
 * How far the walk has come in the evidence of one request and, once it has ended, how. Only the
 * walk moves it. It keeps the evidence that rules have read and nothing else of the request: so it
 * is the same for every request with the same evidence.
 *
 * Each walk makes one, so it is kept small: evidence is opened when a rule trusts the node, an IPv4
 * node is a word until somebody asks for the address, and what can be found again is not kept.
 */
export class Position implements NodePlace {
  /** The socket peer, as the evidence has it. */
  readonly peer: string | undefined
  readonly peerPort: number | undefined
  /** The node reached: the bits of an IPv4 address, signed, unless `other` says what it is. */
  private word: number
  /** The node reached if it is not IPv4, or was asked for; see `node`. */
  other: WalkNode | undefined
  /** The port of the node reached. */
  port: number | undefined
  /** The rule whose evidence named the node reached; undefined at the socket peer. */
  via: Hop | undefined
  /** The rule by which an entry was read last, and how many entries in a row were. */
  reader: Hop | undefined
  private count: number
  /** The rules by which entries were read before that, the last one first: seldom any. */
  private before: Run | undefined
  /** Entries read. */
  hops: number
  /**
   * At the node reached: the first rule that trusts it, though it has nothing more to read, or that
   * requires evidence which is missing. Once the walk has ended: the rule that applied last.
   */
  rule: Hop | undefined
  /** At the node reached: the first such rule by which it may say something about the request. */
  vouching: Hop | undefined
  /** Why the node reached is the client; undefined if it is not, or not yet. */
  resolved: ResolvedReason | undefined
  /** Why there is no client; at the node reached, unless another rule has more to read. */
  undetermined: UndeterminedReason | undefined
  /** The evidence in slot 0, if a rule asked for it: most policies have no other. */
  private claims: ClaimCursor | undefined
  /** The evidence in the other slots. */
  private more: (ClaimCursor | undefined)[] | undefined
  /** What rules may still open; undefined once the walk has ended, so that no request is kept. */
  private unopened: Evidence | undefined

  constructor(evidence: Evidence) {
    const { peer, peerPort } = evidence
    this.peer = peer
    this.peerPort = peerPort
    this.word = 0
    this.other = hasNoAddress(peer) ? peer : undefined
    this.port = peerPort
    this.via = undefined
    this.reader = undefined
    this.count = 0
    this.before = undefined
    this.hops = 0
    this.rule = undefined
    this.vouching = undefined
    this.resolved = undefined
    this.undetermined = undefined
    this.claims = undefined
    this.more = undefined
    this.unopened = evidence
  }

  putIpv4(word: number, port: number | undefined): undefined {
    this.word = word
    this.other = undefined
    this.port = port
  }

  put(address: Address, port: number | undefined): undefined {
    this.other = address
    this.port = port
  }

  /** The node reached; undefined if the peer is not known. No host has 0.0.0.0. */
  get node(): WalkNode | undefined {
    if (this.other === undefined && this.word !== 0) this.other = Address.ipv4(this.word)
    return this.other
  }

  /** RFC 5952 text of the node reached, or a marker. */
  get nodeText(): string {
    return this.other === undefined ? ipv4Text(this.word) : this.other.toString()
  }

  /** Whether the node reached is one of these. */
  isIn(from: NodeMatcher): boolean {
    return this.other === undefined ? from.hasIpv4(this.word) : from.has(this.other)
  }

  /** The evidence that the rule reads, as far as it is unread. */
  claimsOf(hop: Hop): ClaimCursor {
    return this.opened(hop) ?? this.open(hop)
  }

  /** The same if a rule asked for it already. Rules on one header share its cursor. */
  opened({ slot }: Hop): ClaimCursor | undefined {
    return slot === 0 ? this.claims : this.more?.[slot]
  }

  private open(hop: Hop): ClaimCursor {
    const claims = openClaims(hop, this.unopened)
    if (hop.slot === 0) {
      this.claims = claims
    } else {
      // Room for two from the start: an empty list makes room for seventeen when it grows.
      this.more ??= [undefined, undefined]
      this.more[hop.slot] = claims
    }
    return claims
  }

  /** The walk has ended here. */
  end(): this {
    this.unopened = undefined
    return this
  }

  /** Notes that the next entry is read by the rule. */
  note(hop: Hop): void {
    this.hops++
    if (this.reader === hop) {
      this.count++
      return
    }
    this.before = this.lastRun
    this.reader = hop
    this.count = 1
  }

  private get lastRun(): Run | undefined {
    const { reader: hop, count, before } = this
    return hop && { hop, count, before }
  }

  /** The rules by which entries were read, the first one first. */
  runsInOrder(): Run[] {
    const runs: Run[] = []
    for (let run = this.lastRun; run !== undefined; run = run.before) runs.push(run)
    return runs.reverse()
  }

  /** The evidence that decided: `'socket'`, `'proxy-protocol'` or a header's name. */
  get source(): string {
    if (this.undetermined === 'not-received') return 'proxy-protocol'
    const rule = this.undetermined === undefined ? this.via : this.rule
    return rule?.asserts ?? 'socket'
  }

  /** RFC 5952 text of the socket peer, not translated, or a marker; undefined if not known. */
  get peerText(): string | undefined {
    const { peer } = this
    return peer === undefined || hasNoAddress(peer) ? peer : parseAddress(peer)?.text
  }

  /**
   * Elements that HTTP hops behind the walk have written, each into its own list. A hop that may
   * vouch for the request reads HTTP, whatever evidence it names its clients with.
   */
  get httpHops(): number {
    let elements = 0
    for (let run = this.lastRun; run !== undefined; run = run.before) {
      const { kind, original, depth } = run.hop
      if (kind !== 'proxy-protocol' || original.length > 0) elements += run.count * (depth || 1)
    }
    return elements
  }

  /** The entry that was read last of the evidence that the rule reads, as written. */
  entryOf(hop: Hop): string | undefined {
    const text = this.opened(hop)?.element
    return text === '' ? undefined : text
  }

  /** Parameters of the `Forwarded` element read last under the rule. */
  forwardedElement(hop: Hop): ForwardedElement | undefined {
    const cursor = this.opened(hop)
    return cursor instanceof ForwardedCursor ? cursor.parameters : undefined
  }

  /** The PROXY header that was read last: the one whose sender is nearest to the client. */
  get lastProxyHeader(): ProxyHeader | undefined {
    if (this.claims instanceof ProxyHeaderCursor) return this.claims.last
    return this.more?.find((claims) => claims instanceof ProxyHeaderCursor)?.last
  }
}

/** The position of a walk that has named a client. */
export type NamedClient = Position & { readonly resolved: ResolvedReason; readonly node: Address }

export function isNamed(at: Position): at is NamedClient {
  return at.resolved !== undefined
}
