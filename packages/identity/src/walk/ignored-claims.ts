import {
  ForwardedCursor,
  headerText,
  parseHeaderNode,
  XForwardedForCursor,
} from '@truehop/forwarded'
import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import { openClaims } from './claims.js'
import type { Evidence } from './evidence.js'
import { nodesOf } from './nodes.js'
import type { Position } from './position.js'
import { describeHeader } from './proxy-header-cursor.js'

/** A claim about the client that the walk did not use. */
export interface IgnoredClaim {
  /** `'proxy-protocol'` or a header's name. */
  readonly source: string
  /** What was not read, at most 256 characters: the end of longer text, after a `…`. */
  readonly text: string
  readonly why: IgnoredWhy
}

export type IgnoredWhy =
  /** No rule of the policy reads this evidence. */
  | 'no-rule'
  /** A rule reads it, but the walk reached no node that the rule trusts. */
  | 'sender-untrusted'
  /** It is left of, or behind, the entry at which the walk ended. */
  | 'beyond-the-client'

/** A claim, passed on by a trusted hop, that names none of the nodes on the walk. */
export interface Conflict {
  /** The evidence that disagrees: `'proxy-protocol'` or a header's name. */
  readonly source: string
  /** The address it names nearest to this server: RFC 5952 text. */
  readonly claims: string
}

/** Headers in which clients and proxies claim an address, whether a rule reads them or not. */
export const CLAIM_HEADERS = [
  'x-forwarded-for',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-original-forwarded-for',
] as const

const MAX_TEXT = 256
/** Elements of a list that are compared, from the right. */
const MAX_COMPARED = 16

/** Every claim of the evidence that the walk did not use. */
export function ignoredClaims(
  policy: PolicySnapshot,
  evidence: Evidence,
  at: Position,
): IgnoredClaim[] {
  const withoutRule = unruled(policy, evidence)
  return [...ruled(policy, evidence, at), ...withoutRule].filter(({ text }) => text !== '')
}

/** What is left of the evidence that rules read. */
function ruled({ hops }: PolicySnapshot, evidence: Evidence, at: Position): IgnoredClaim[] {
  const read = rulesRead(at)
  const bySlot = hops.filter((hop, i) => hops.findIndex(({ slot }) => slot === hop.slot) === i)
  return bySlot.flatMap((hop) => {
    const claims = at.opened(hop) ?? openClaims(hop, evidence)
    if (!claims.hasUnread()) return []
    const why = read.some(({ slot }) => slot === hop.slot)
      ? 'beyond-the-client'
      : 'sender-untrusted'
    return [{ source: hop.asserts, text: excerpt(claims.unread), why }]
  })
}

/** Claims in evidence that no rule reads. */
function unruled({ asserted }: PolicySnapshot, evidence: Evidence): IgnoredClaim[] {
  const { headers, proxyHeaders = [] } = evidence
  const claimed = CLAIM_HEADERS.map((name): [string, string] => [
    name,
    headerText(headers?.[name]) ?? '',
  ])
  const proxy = proxyHeaders.map(describeHeader).join(', ')
  return [['proxy-protocol', proxy] as const, ...claimed]
    .filter(([source]) => !asserted.includes(source))
    .map(([source, text]) => ({ source, text: excerpt(text), why: 'no-rule' }))
}

/** The end of a list is what the hops nearest to this server wrote. */
function excerpt(text: string): string {
  return text.length > MAX_TEXT ? `…${text.slice(1 - MAX_TEXT)}` : text
}

/**
 * Where pieces of evidence contradict each other: `X-Forwarded-For` against `Forwarded` against a
 * CDN's header against the PROXY header. A claim agrees when it names the client or any node on
 * the way to it; claims that name no address are not compared.
 *
 * Only claims that came through a trusted hop count here: what an untrusted peer claims, what is
 * left of the client in a list, and headers behind a hop that forwards bytes without reading HTTP,
 * are the client's own claims, by which no client can lock itself out.
 */
export function conflictsOf(
  policy: PolicySnapshot,
  evidence: Evidence,
  at: Position,
): readonly Conflict[] {
  if (at.resolved === undefined || at.hops === 0) return []
  const nodes = new Set(nodesOf(at))
  const throughHttp = rulesRead(at).some(({ kind }) => kind !== 'proxy-protocol')
  return ignoredClaims(policy, evidence, at).flatMap(({ source, text, why }) => {
    if (why === 'beyond-the-client' || !(throughHttp || source === 'proxy-protocol')) return []
    const claimed = claimedAddresses(source, text)
    const [nearest] = claimed
    if (nearest === undefined || claimed.some((claim) => nodes.has(claim))) return []
    return [{ source, claims: nearest }]
  })
}

function rulesRead(at: Position): Hop[] {
  return at.runsInOrder().map(({ hop }) => hop)
}

/** Under `onConflict: 'reject'` contradicting evidence leaves no client: the conflict that counts. */
export function settle(
  { onConflict }: PolicySnapshot,
  [conflict]: readonly Conflict[],
): Conflict | undefined {
  return onConflict === 'ignore' ? undefined : conflict
}

function claimedAddresses(source: string, text: string): string[] {
  if (source === 'forwarded') return fromCursor(new ForwardedCursor(text))
  if (source === 'proxy-protocol') return fromHeaders(text)
  return fromCursor(new XForwardedForCursor(text))
}

function fromCursor(cursor: ForwardedCursor | XForwardedForCursor): string[] {
  const addresses: string[] = []
  for (let i = 0; i < MAX_COMPARED && cursor.hasUnread(); i++) {
    const { address } = cursor.read()
    if (address !== undefined) addresses.push(address.text)
  }
  return addresses
}

function fromHeaders(text: string): string[] {
  return text.split(' ').flatMap((word) => parseHeaderNode(word).address?.text ?? [])
}
