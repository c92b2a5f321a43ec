import type { ClientIdentity, IgnoredClaim } from '@truehop/identity/portable'
import type { AnomalyKind } from '../src/view/view.js'

/** Why the walk ended where it did, for people. The codes are those of docs/errors.md. */
const REASONS: Readonly<Record<ClientIdentity['reason'], string>> = {
  'peer-untrusted': 'No rule trusts the socket peer, so it is the client, whatever it claims.',
  'header-missing': 'The socket peer is trusted and asserts nothing, so it is the client itself.',
  'first-untrusted': 'The first node, from the socket peer outwards, that no rule trusts.',
  'chain-exhausted':
    'Every node is trusted and nothing is left to read: the last one is the client.',
  count: 'The rule counts elements from the right, and this is the one.',
  'proxy-local': 'The hop sent a LOCAL header: it speaks for itself, mostly a health check.',
  'proxy-unknown': 'The hop sent PROXY UNKNOWN: the connection’s own end counts.',
  'proxy-unspec': 'The hop sent a header of no family: the connection’s own end counts.',
  'unidentified-node': 'The entry names no address, and the hop that sent it is not the client.',
  'invalid-element': 'The entry is not what the grammar allows, so no client is named.',
  'unspecified-address': 'The entry is an unspecified address, which belongs to no client.',
  'multicast-address': 'The entry is a multicast or broadcast address, which belongs to no client.',
  'ambiguous-single-header': 'The header must carry one address and carries something else.',
  'no-peer': 'The connection’s peer is not known any more.',
  'not-received':
    'The policy reads PROXY headers, and no receiver saw this connection: the peer may stand for any client.',
  'untrusted-unix-peer': 'The connection came over a Unix socket that no rule trusts.',
  'untrusted-event': 'The request came over no connection, and no rule trusts events.',
  'event-asserts-nothing': 'A trusted event has no header that says who the client is.',
  'unix-peer-asserts-nothing':
    'The Unix-socket peer is trusted, asserts nothing, and has no address.',
  'headers-truncated':
    'The request may have had more header lines than the server keeps, the hop’s own among them.',
  'header-required': 'The rule requires its header, which is absent or empty.',
  'chain-too-short': 'The list has fewer elements than the rule counts.',
  'chain-too-long': 'More entries than the policy lets a walk read.',
  'address-hidden': 'The hop replaces the addresses of its clients with its own.',
  'conflicting-evidence': 'A claim that a trusted hop passed on contradicts the walk.',
}

export function reasonText(reason: string): string {
  return textIn(REASONS, reason)
}

const IGNORED: Readonly<Record<IgnoredClaim['why'], string>> = {
  'no-rule': 'no rule reads it',
  'sender-untrusted': 'the walk reached no hop that may assert it',
  'beyond-the-client': 'beyond the node at which the walk ended',
}

export function ignoredText(why: string): string {
  return textIn(IGNORED, why)
}

/** A server that is newer than the page may say something else: as it is, then. */
function textIn(texts: Readonly<Record<string, string>>, code: string): string {
  return texts[code] ?? code
}

export const ANOMALY_NAMES: Readonly<Record<AnomalyKind, string>> = {
  undetermined: 'undetermined',
  'untrusted-claim': 'claims by untrusted peers',
  conflict: 'contradicting evidence',
  'chain-length': 'unusual chain length',
  difference: 'the framework disagrees',
  refused: 'refused connections',
}

const ANOMALIES: Readonly<Record<Exclude<AnomalyKind, 'undetermined'>, string>> = {
  'untrusted-claim':
    'A peer that no rule trusts sends what only a hop may. If it is your proxy, name it in a rule; if not, it is a client that tries.',
  conflict:
    'Another header names another client than the walk. See which hop passes it on: that hop should take it out.',
  'chain-length':
    'Longer or shorter than usual: a hop was added or left out, or a client sends a list of its own.',
  difference:
    'The framework’s own setting comes to another address. What reads it is wrong, or the policy is.',
  refused: 'The connection was closed before a request was read.',
}

/** What an anomaly means, and what to look at. */
export function anomalyText(kind: AnomalyKind, what: string): string {
  return kind === 'undetermined' ? reasonText(what) : ANOMALIES[kind]
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
