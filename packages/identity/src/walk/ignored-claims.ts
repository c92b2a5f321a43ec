import {
  type EntryCursor,
  ForwardedCursor,
  headerText,
  parseHeaderNode,
  XForwardedForCursor,
} from '@truehop/forwarded'
import type { PolicySnapshot } from '../policy/snapshot.js'
import type { Ending } from './ending.js'
import type { Evidence } from './evidence.js'
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
  { at }: Ending,
): IgnoredClaim[] {
  return [...ruled(policy, at), ...unruled(policy, evidence)].filter(({ text }) => text !== '')
}

/** What is left of the evidence that rules read. */
function ruled({ hops }: PolicySnapshot, at: Position): IgnoredClaim[] {
  const bySlot = hops.filter((hop, i) => hops.findIndex(({ slot }) => slot === hop.slot) === i)
  return bySlot.flatMap((hop) => {
    const claims = at.cursors[hop.slot]
    if (claims?.hasUnread() !== true) return []
    const why = at.rulesRead().some(({ slot }) => slot === hop.slot)
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
  ending: Ending,
): readonly Conflict[] {
  const { at, address } = ending
  if (address === undefined || at.passed === undefined) return []
  const nodes = new Set(at.nodes)
  const throughHttp = at.rulesRead().some(({ kind }) => kind !== 'proxy-protocol')
  return ignoredClaims(policy, evidence, ending).flatMap(({ source, text, why }) => {
    if (why === 'beyond-the-client' || !(throughHttp || source === 'proxy-protocol')) return []
    const claimed = claimedAddresses(source, text)
    const [nearest] = claimed
    if (nearest === undefined || claimed.some((claim) => nodes.has(claim))) return []
    return [{ source, claims: nearest }]
  })
}

/** Under `onConflict: 'reject'` contradicting evidence leaves no client. */
export function settle(
  { onConflict }: PolicySnapshot,
  ending: Ending,
  [conflict]: readonly Conflict[],
): Ending {
  if (onConflict === 'ignore' || conflict === undefined) return ending
  const { at } = ending
  const reason = 'conflicting-evidence'
  return { at, address: undefined, reason, rule: at.via, source: conflict.source }
}

function claimedAddresses(source: string, text: string): string[] {
  if (source === 'forwarded') return fromCursor(new ForwardedCursor(text))
  if (source === 'proxy-protocol') return fromHeaders(text)
  return fromCursor(new XForwardedForCursor(text))
}

function fromCursor(cursor: EntryCursor): string[] {
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
