import { hasNoAddress, type WalkNode } from '../walk/node.js'
import { checkKeys, isRecord, isWholeNumber, show } from './checks.js'
import { compileFrom } from './compile-from.js'
import { PolicyError } from './error.js'
import type { ProxyProtocolSettings } from './options.js'
import { type PeerMatcher, peersOf } from './peers.js'
import type { Hop, ProxyProtocolPolicy } from './snapshot.js'
import type { Unmap } from './unmap.js'

/**
 * The receiver's bounds. The specification (section 2) asks for a timeout of at least three
 * seconds, so that one lost segment can be sent again.
 */
export const PROXY_PROTOCOL_BOUNDS = {
  timeout: [3000, 600_000, 'milliseconds'],
  maxHeaders: [1, 16, 'headers'],
  maxHeaderBytes: [232, 65_551, 'bytes'],
  maxPending: [1, 1_000_000, 'connections'],
  maxPendingPerPeer: [1, 1_000_000, 'connections'],
} as const

const KEYS = [
  ...Object.keys(PROXY_PROTOCOL_BOUNDS),
  'direct',
  'optional',
  'healthCheckFrom',
  'crc32c',
  'mixedFamilies',
  'versions',
  'name',
]
export const PROXY_VERSIONS = [1, 2] as const
/** Printable ASCII, as it stands in a message and in an attribute of a metric. */
export const LISTENER_NAME = '^[ -~]{1,64}$'

/** Validates `proxyProtocol`; undefined where no rule asserts PROXY headers. */
export function compileProxyProtocol(
  settings: unknown,
  hops: readonly Hop[],
  unmap: Unmap | undefined,
): ProxyProtocolPolicy | undefined {
  const senders = hops.filter((hop) => hop.kind === 'proxy-protocol')
  if (settings !== undefined) checkSettings(settings)
  if (senders.length === 0) return undefined
  senders.forEach(refuseEvents)
  const from = peersOf(senders.flatMap((hop) => hop.entries))
  const { versions, ...rest } = (settings ?? {}) as ProxyProtocolSettings
  return Object.freeze({
    ...rest,
    ...(versions === undefined ? {} : { versions: Object.freeze([...new Set(versions)].sort()) }),
    from: unmap === undefined ? from : translated(from, unmap),
  })
}

function refuseEvents({ entries, name }: Hop): void {
  if (!entries.includes('event')) return
  throw bad(
    `from of '${name}'`,
    "must not have 'event' beside asserts: 'proxy-protocol', as what comes over no connection brings no PROXY header; write a rule of its own that reads a header",
  )
}

/** The receiver knows a peer by the address of its socket; the rules know it as the walk does. */
function translated(from: PeerMatcher, unmap: Unmap): PeerMatcher {
  const nodeOf = (peer: WalkNode) => (hasNoAddress(peer) ? peer : unmap(peer))
  return {
    has: (peer) => from.has(nodeOf(peer)),
    match: (peer) => from.match(nodeOf(peer)),
  }
}

function checkSettings(settings: unknown): void {
  if (!isRecord(settings)) throw bad('proxyProtocol', `must be an object, not ${show(settings)}`)
  checkKeys(settings, KEYS, 'proxyProtocol')
  for (const [key, [least, most, unit]] of Object.entries(PROXY_PROTOCOL_BOUNDS)) {
    const value = settings[key]
    if (value === undefined || (isWholeNumber(value) && value >= least && value <= most)) continue
    throw bad(
      `proxyProtocol.${key}`,
      `must be a whole number from ${least} to ${most} (${unit}), not ${show(value)}`,
    )
  }
  const { crc32c, direct, mixedFamilies, optional, healthCheckFrom, versions, name } = settings
  if (crc32c !== undefined && crc32c !== 'verify' && crc32c !== 'ignore') {
    throw bad('proxyProtocol.crc32c', `must be 'verify' or 'ignore', not ${show(crc32c)}`)
  }
  if (direct !== undefined && direct !== 'reject' && direct !== 'accept') {
    throw bad('proxyProtocol.direct', `must be 'reject' or 'accept', not ${show(direct)}`)
  }
  if (mixedFamilies !== undefined && mixedFamilies !== 'reject' && mixedFamilies !== 'accept') {
    const message = `must be 'reject' or 'accept', not ${show(mixedFamilies)}`
    throw bad('proxyProtocol.mixedFamilies', message)
  }
  checkVersions(versions)
  checkName(name)
  if (optional !== undefined && typeof optional !== 'boolean') {
    throw bad('proxyProtocol.optional', `must be true or false, not ${show(optional)}`)
  }
  if (healthCheckFrom !== undefined) checkHealthCheckers(healthCheckFrom)
}

function checkVersions(versions: unknown): void {
  if (versions === undefined) return
  const known: readonly unknown[] = PROXY_VERSIONS
  const isList = Array.isArray(versions) && versions.length > 0
  if (isList && versions.every((version) => known.includes(version))) return
  const got = Array.isArray(versions) ? `[${versions.map(show).join(', ')}]` : show(versions)
  const message = `must be [1], [2] or [1, 2], not ${got.slice(0, 80)}; leave it out for both`
  throw bad('proxyProtocol.versions', message)
}

function checkName(name: unknown): void {
  if (name === undefined) return
  if (typeof name === 'string' && new RegExp(LISTENER_NAME).test(name)) return
  const got = typeof name === 'string' ? `text of ${name.length}` : show(name)
  throw bad('proxyProtocol.name', `must be 1 to 64 printable characters of ASCII, not ${got}`)
}

/** As the receiver takes it: fixed entries, and at least one. */
function checkHealthCheckers(from: unknown): void {
  const path = 'proxyProtocol.healthCheckFrom'
  const { entries } = compileFrom(from, path)
  if (entries.length === 0) {
    throw bad(path, 'must name at least one address; leave it out where nobody checks health so')
  }
  const live = entries.findIndex((entry) => typeof entry !== 'string')
  if (live === -1) return
  throw bad(`${path}[${live}]`, "must be text, not ranges that live; write '10.0.0.0/8'")
}

function bad(path: string, message: string): PolicyError {
  return new PolicyError('bad-proxy-protocol', path, message)
}
