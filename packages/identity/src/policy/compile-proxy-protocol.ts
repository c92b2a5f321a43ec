import type { Report } from '@truehop/options'
import { hasNoAddress, type WalkNode } from '../walk/node.js'
import { readFrom } from './compile-from.js'
import type { ProxyProtocolSettings } from './options.js'
import { type PeerMatcher, peersOf } from './peers.js'
import type { Hop, ProxyProtocolPolicy } from './snapshot.js'
import type { Unmap } from './unmap.js'

/**
 * The receiver's settings, with the peers it expects a header from; undefined if no rule asserts
 * one.
 */
export function compileProxyProtocol(
  settings: ProxyProtocolSettings | undefined,
  hops: readonly Hop[],
  unmap: Unmap | undefined,
): ProxyProtocolPolicy | undefined {
  const senders = hops.filter((hop) => hop.kind === 'proxy-protocol')
  if (senders.length === 0) return undefined
  const from = peersOf(senders.flatMap((hop) => hop.entries))
  return Object.freeze({
    ...settings,
    from: unmap === undefined ? from : translated(from, unmap),
  })
}

/** The receiver knows a peer by its socket address; the rules know it as the walk does. */
function translated(from: PeerMatcher, unmap: Unmap): PeerMatcher {
  const nodeOf = (peer: WalkNode) => (hasNoAddress(peer) ? peer : unmap(peer))
  return {
    has: (peer) => from.has(nodeOf(peer)),
    match: (peer) => from.match(nodeOf(peer)),
  }
}

/** A request without a connection brings no PROXY header. */
export function checkSender(entries: Hop['entries'], path: string, report: Report): void {
  if (!entries.includes('event')) return
  report({
    path,
    code: 'bad-proxy-protocol',
    message:
      "must not contain 'event' with asserts: 'proxy-protocol', as a request without a connection brings no PROXY header; write a separate rule that reads a header",
  })
}

/** As the receiver takes it: fixed entries, and at least one. */
export function readHealthCheckers(from: unknown, path: string, report: Report): readonly string[] {
  const entries = readFrom(from, path, report)
  const refuse = (at: string, message: string) =>
    report({ path: at, code: 'bad-proxy-protocol', message })
  if (Array.isArray(from) && from.length === 0) {
    refuse(path, 'must name at least one address; leave it out if there are no such health checks')
  }
  for (const [i, entry] of (Array.isArray(from) ? from : []).entries()) {
    if (!isString(entry) && entries.includes(entry)) {
      refuse(`${path}[${i}]`, "must be a string, not live ranges; write '10.0.0.0/8'")
    }
  }
  return entries.filter(isString)
}

const isString = (entry: unknown): entry is string => typeof entry === 'string'
