import {
  ForwardedCursor,
  type ForwardedElement,
  headerText,
  SingleAddressCursor,
  XForwardedForCursor,
} from '@truehop/forwarded'
import { Address, parseAddress } from '@truehop/ip'
import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import type { Evidence } from './evidence.js'
import type { UndeterminedReason } from './identity.js'
import { type ClaimCursor, hasNoAddress, type WalkNode } from './node.js'
import { ProxyHeaderCursor } from './proxy-header-cursor.js'

/** An entry that the walk read, and those before it. */
export interface Passed {
  /** The node that asserted the entry. */
  readonly node: WalkNode
  /** The rule by which it was read. */
  readonly hop: Hop
  readonly before: Passed | undefined
}

/**
 * The evidence of one request, opened for the walk, and how far the walk has come in it. Only the
 * walk moves it. It keeps what the walk may read and nothing else of the request.
 */
export class Position {
  /** For each kind of evidence that the policy reads, by slot; undefined if there is none. */
  readonly cursors: readonly (ClaimCursor | undefined)[]
  /** The socket peer, as the socket reports it: not translated. */
  readonly peer: WalkNode | undefined
  readonly peerPort: number | undefined
  /** False if no receiver saw the connection. */
  readonly received: boolean | undefined
  /** The node reached; at first the socket peer. */
  node: WalkNode | undefined
  /** The port of the node reached. */
  port: number | undefined
  /** The rule whose evidence named the node reached; undefined at the socket peer. */
  via: Hop | undefined
  /** The entry read last, whatever it said; undefined at the socket peer. */
  passed: Passed | undefined
  /** At the node reached: the first rule that trusts it, though it has nothing more to read. */
  trusting: Hop | undefined
  /** At the node reached: the first such rule by which it may say something about the request. */
  vouching: Hop | undefined
  /** At the node reached: the first such rule that requires evidence that was missing. */
  missing: Hop | undefined
  /** Entries read. */
  hops: number
  /** Elements that HTTP hops behind the walk have written, each into its own list. */
  httpHops: number
  private nodeTexts: readonly string[] | undefined

  constructor({ hops, unmap }: PolicySnapshot, evidence: Evidence) {
    const { peerPort, received } = evidence
    const peer = peerOf(evidence)
    this.cursors = openAll(hops, evidence)
    this.peer = peer
    this.peerPort = peerPort
    this.received = received
    this.node = unmap === undefined || !(peer instanceof Address) ? peer : unmap(peer)
    this.port = peerPort
    this.via = undefined
    this.passed = undefined
    this.trusting = undefined
    this.vouching = undefined
    this.missing = undefined
    this.hops = 0
    this.httpHops = 0
    this.nodeTexts = undefined
  }

  /** The nodes reached, the socket peer last. Computed on demand, once the walk has ended. */
  get nodes(): readonly string[] {
    this.nodeTexts ??= Object.freeze(this.reached().map(String))
    return this.nodeTexts
  }

  private reached(): WalkNode[] {
    const { node, passed } = this
    if (node === undefined) return []
    // An entry that names no node leaves the walk where it was read.
    const reached = passed?.node === node ? [] : [node]
    for (let at = passed; at !== undefined; at = at.before) reached.push(at.node)
    return reached
  }

  /** The rules by which entries were read, the last one first. */
  rulesRead(): Hop[] {
    const rules: Hop[] = []
    for (let at = this.passed; at !== undefined; at = at.before) rules.push(at.hop)
    return rules
  }

  /** The entry that was read last of the evidence that the rule reads, as written. */
  entryOf(hop: Hop): string | undefined {
    const text = this.cursors[hop.slot]?.element
    return text === '' ? undefined : text
  }

  /** Parameters of the `Forwarded` element read last under the rule. */
  forwardedElement({ slot }: Hop): ForwardedElement | undefined {
    const cursor = this.cursors[slot]
    return cursor instanceof ForwardedCursor ? cursor.parameters : undefined
  }

  /** The PROXY header that was read last: the one whose sender is nearest to the client. */
  get lastProxyHeader(): ProxyHeader | undefined {
    return this.cursors.find((cursor) => cursor instanceof ProxyHeaderCursor)?.last
  }
}

function peerOf({ peer }: Evidence): WalkNode | undefined {
  return peer === undefined || hasNoAddress(peer) ? peer : parseAddress(peer)
}

/** An absent header may be one that was dropped. */
const TRUNCATED = unknowable('headers-truncated')
const NOT_RECEIVED = unknowable('not-received')
/** What a hop that hides its clients says: nothing is known about a client that came through it. */
const HIDDEN = unknowable('address-hidden')

/** Room for two from the start: an empty list makes room for seventeen when it grows. */
function openAll(hops: readonly Hop[], evidence: Evidence): (ClaimCursor | undefined)[] {
  const cursors: (ClaimCursor | undefined)[] = [undefined, undefined]
  for (let i = 0; i < hops.length; i++) {
    const hop = hops[i]
    // Rules on one header share its cursor.
    if (hop !== undefined) cursors[hop.slot] ??= openClaims(hop, evidence)
  }
  return cursors
}

/** The evidence as a rule reads it, with nothing read yet; undefined if there is none. */
function openClaims(
  { kind, asserts, form }: Hop,
  { headers, headersTruncated, proxyHeaders }: Evidence,
): ClaimCursor | undefined {
  if (kind === 'proxy-protocol') {
    return proxyHeaders === undefined ? NOT_RECEIVED : new ProxyHeaderCursor(proxyHeaders)
  }
  if (kind === 'nothing') return HIDDEN
  if (headersTruncated === true) return TRUNCATED
  const text = headerText(headers?.[asserts])
  if (text === undefined) return undefined
  if (kind === 'x-forwarded-for') return new XForwardedForCursor(text)
  if (kind === 'forwarded') return new ForwardedCursor(text)
  return new SingleAddressCursor(text, form)
}

/** Always has an entry that can never be read: nobody knows whether there is one. */
function unknowable(fault: UndeterminedReason): ClaimCursor {
  return {
    unread: '',
    element: '',
    hasUnread: () => true,
    read: () => ({ fault }),
    skip: () => {},
  }
}
