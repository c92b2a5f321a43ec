import { namedNode } from '@truehop/forwarded'
import { type Address, parseAddress } from '@truehop/ip'
import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import type { Unmap } from '../policy/unmap.js'
import { Claims } from './claims.js'
import type { Entry } from './entry.js'
import type { Evidence } from './evidence.js'
import type { ResolvedIdentity, ResolvedReason, UndeterminedReason } from './identity.js'
import { hasNoAddress, type WalkNode } from './node.js'

/** What a walk found out about the client: an identity without what other headers say. */
export type Found = Omit<ResolvedIdentity, 'status' | 'ip' | 'nodes' | 'protocol' | 'host' | 'tlvs'>

/** A walk that can be asked where it ended. */
export interface Walked {
  /** The PROXY header that was read last. */
  readonly lastProxyHeader: ProxyHeader | undefined
  end(): Position
}

/** How far a walk has come: the claims, of which it has read some, and the node that they led to. */
export class Position extends Claims implements Walked {
  /** The socket peer as a node. */
  readonly peer: WalkNode | undefined
  /** The node reached. */
  node: WalkNode | undefined
  /** The port of the node reached. */
  port: number | undefined
  /** The rule whose evidence named the node reached; undefined at the socket peer. */
  via: Hop | undefined
  /** The rule whose evidence was read last, whatever it said. */
  speaker: Hop | undefined
  /** At the node reached: the first rule that trusts it, though it has nothing more to read. */
  trusting: Hop | undefined
  /** At the node reached: the first such rule by which it may say something of the request. */
  vouching: Hop | undefined
  /** At the node reached: the first such rule that requires evidence of which there was none. */
  missing: Hop | undefined
  /** Entries read. */
  hops: number
  /** Elements that HTTP hops behind the walk have written, each into its own list. */
  httpHops: number
  /** Nodes between the socket peer and the one reached: none on most walks. */
  private between: WalkNode[] | undefined
  private readonly unmap: Unmap | undefined

  constructor(evidence: Evidence, { unmap }: PolicySnapshot) {
    super(evidence)
    const peer = hasNoAddress(evidence.peer) ? evidence.peer : addressOf(evidence.peer)
    this.unmap = unmap
    this.peer = unmap === undefined || peer === undefined || hasNoAddress(peer) ? peer : unmap(peer)
    this.node = this.peer
    this.port = evidence.peerPort
    this.via = undefined
    this.speaker = undefined
    this.trusting = undefined
    this.vouching = undefined
    this.missing = undefined
    this.hops = 0
    this.httpHops = 0
    this.between = undefined
  }

  end(): Position {
    return this
  }

  /** Why the walk cannot start at the socket peer. */
  get peerFault(): UndeterminedReason | undefined {
    const { peer } = this
    if (hasNoAddress(peer)) return undefined
    if (peer === undefined) return 'no-peer'
    return peer.isUnicast() ? undefined : namedNode(peer).fault
  }

  /** RFC 5952 text of the socket peer, as the socket has it. */
  get peerText(): string | undefined {
    const { peer, unmap } = this
    if (peer === undefined || hasNoAddress(peer)) return peer
    // Dotted decimal has one spelling: it need not be printed anew.
    const given = this.evidence.peer
    if (peer.family === 4 && given?.includes(':') === false) return given
    return unmap === undefined ? peer.text : addressOf(given)?.text
  }

  /** The nodes reached, the socket peer last. */
  nodes(): readonly string[] {
    const { peer, node, between = [] } = this
    if (peer === undefined || node === undefined) return []
    const reached = this.via === undefined ? [peer] : [peer, ...between, node]
    return reached.map(String).reverse()
  }

  /** What is known when the node reached is the client. */
  found(address: Address, reason: ResolvedReason, rule: Hop | undefined): Found {
    return {
      address,
      port: this.port,
      source: this.via === undefined ? 'socket' : this.via.asserts,
      reason,
      rule: rule?.name,
      peer: this.peerText,
      peerPort: this.evidence.peerPort,
      hops: this.hops,
    }
  }

  /** Reads the entry that the rule gives. */
  take(hop: Hop): Entry {
    this.hops++
    this.speaker = hop
    this.trusting = undefined
    this.vouching = undefined
    // A hop that may vouch for the request knows HTTP, whatever it names its clients in.
    if (hop.kind !== 'proxy-protocol' || hop.original.length > 0) this.httpHops += hop.depth || 1
    const entry = hop.depth === 0 ? this.read(hop) : this.readDepth(hop)
    if (this.unmap === undefined || entry.address === undefined) return entry
    return namedNode(this.unmap(entry.address), entry.port)
  }

  /** Goes on to the node that an entry names. */
  follow(hop: Hop, node: WalkNode, port: number | undefined): void {
    if (this.via !== undefined && this.node !== undefined) {
      this.between ??= []
      this.between.push(this.node)
    }
    this.via = hop
    this.node = node
    this.port = port
  }
}

function addressOf(peer: string | undefined): Address | undefined {
  return peer === undefined ? undefined : parseAddress(peer)
}
