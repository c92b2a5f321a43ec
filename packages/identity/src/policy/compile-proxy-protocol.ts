import { checkKeys, isRecord, isWholeNumber, show } from './checks.js'
import { compileFrom } from './compile-from.js'
import { PolicyError } from './error.js'
import type { ProxyProtocolSettings } from './options.js'
import { peersOf } from './peers.js'
import type { Hop, ProxyProtocolPolicy } from './snapshot.js'

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
]

/** Validates `proxyProtocol`; undefined where no rule asserts PROXY headers. */
export function compileProxyProtocol(
  settings: unknown,
  hops: readonly Hop[],
): ProxyProtocolPolicy | undefined {
  const senders = hops.filter((hop) => hop.kind === 'proxy-protocol')
  if (settings !== undefined) checkSettings(settings)
  if (senders.length === 0) return undefined
  return Object.freeze({
    ...(settings as ProxyProtocolSettings | undefined),
    from: peersOf(senders.flatMap((hop) => hop.entries)),
  })
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
  const { crc32c, direct, optional, healthCheckFrom } = settings
  if (crc32c !== undefined && crc32c !== 'verify' && crc32c !== 'ignore') {
    throw bad('proxyProtocol.crc32c', `must be 'verify' or 'ignore', not ${show(crc32c)}`)
  }
  if (direct !== undefined && direct !== 'reject' && direct !== 'accept') {
    throw bad('proxyProtocol.direct', `must be 'reject' or 'accept', not ${show(direct)}`)
  }
  if (optional !== undefined && typeof optional !== 'boolean') {
    throw bad('proxyProtocol.optional', `must be true or false, not ${show(optional)}`)
  }
  if (healthCheckFrom !== undefined) compileFrom(healthCheckFrom, 'proxyProtocol.healthCheckFrom')
}

function bad(path: string, message: string): PolicyError {
  return new PolicyError('bad-proxy-protocol', path, message)
}
