import { type Address, PeerSet } from '@truehop/ip'
import { AcceptError } from './accept-error.js'
import type { Refusal } from './refusal.js'

/**
 * Tells who belongs to a set: a `PeerSet` of `@truehop/ip`, or something that changes while the
 * server runs. Asked for each new connection, so an answer may differ from the one before.
 */
export interface PeerMembership {
  has(peer: Address | 'unix'): boolean
}

/** The versions of the specification, section 2.1 and 2.2. */
export type ProxyVersion = 1 | 2

export interface AcceptOptions {
  /**
   * What the counters, refusals and diagnostics messages of this server call it, 1 to 64 printable
   * characters of ASCII. Default none.
   */
  readonly name?: string | undefined
  /**
   * Who must send a PROXY header: prefixes, addresses, and the names `loopback`, `linklocal`,
   * `uniquelocal`, `private`, `unix`, `any`. Name your proxies and nobody else: whoever is in here
   * can claim to be any client.
   */
  readonly from: Iterable<string> | PeerMembership
  /**
   * What to do with everyone else: `'reject'` (default) ends the connection, `'accept'` gives it
   * to the server at once, without looking at a byte of it.
   */
  readonly direct?: 'reject' | 'accept' | undefined
  /**
   * True: a peer in `from` may leave the header out. Section 2 advises against it: who reaches the
   * port through a proxy that forgets its header then appears as that proxy. Of no use to
   * server-first protocols (SMTP, MySQL, SSH): until the peer has sent a byte nobody can know
   * whether a header is coming, so a silent peer is refused at the deadline here too.
   */
  readonly optional?: boolean | undefined
  /**
   * Health checkers that may connect without a header, whether they are in `from` or not. They are
   * given to the server as direct connections; in `from` too, their header is read if they send one.
   */
  readonly healthCheckFrom?: Iterable<string> | PeerMembership | undefined
  /**
   * Milliseconds from the accept until the last header must be in, however the bytes trickle.
   * 3000 to 600,000; default 5000. Section 2 asks for at least three seconds, so that a lost
   * segment can be sent again.
   */
  readonly timeout?: number | undefined
  /** Allows a `timeout` under 3000. For tests only. */
  readonly unsafeShortTimeout?: boolean | undefined
  /**
   * Most headers in a row, 1 to 16, default 1. Each further one is read only if the source address
   * of the one before is in `from` too; everything after the last possible one is payload.
   */
  readonly maxHeaders?: number | undefined
  /**
   * Longest single header in bytes, 232 (an AF_UNIX header) to 65,551, default 4096: room for a
   * client certificate among the TLVs, and what nginx allows. Version 1 never exceeds 107.
   */
  readonly maxHeaderBytes?: number | undefined
  /**
   * Which versions a header may have, `[1]`, `[2]` or `[1, 2]` (default). One of another version
   * refuses the connection, and is never payload.
   */
  readonly versions?: readonly ProxyVersion[] | undefined
  /**
   * What to do with a CRC32C TLV: `'verify'` (default) refuses a connection whose checksum is wrong,
   * section 2.2.3; `'ignore'` is for a sender that passes on the checksum of another header, as
   * Envoy does beside TLVs that it adds.
   */
  readonly crc32c?: 'verify' | 'ignore' | undefined
  /**
   * What to do with a line of version 1 whose two addresses are of different families: `'reject'`
   * (default), or `'accept'` for nginx behind another proxy, whose own end is of the other family.
   */
  readonly mixedFamilies?: 'reject' | 'accept' | undefined
  /**
   * Most connections whose header is not in yet, 1 to 1,000,000, default 16,384. With
   * `maxHeaderBytes` it bounds the memory that slow senders can hold.
   */
  readonly maxPending?: number | undefined
  /** The same for each peer address; default half of `maxPending`, so that no peer fills it alone. */
  readonly maxPendingPerPeer?: number | undefined
  /**
   * Called once for each refused connection. Whatever it throws becomes a process warning. Use
   * `refusalLog` to log without letting a port scan flood the log.
   */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined
}

/** The options with defaults filled in, valid. */
export interface AcceptSettings {
  readonly name: string | undefined
  readonly from: PeerMembership
  readonly healthCheckFrom: PeerMembership | undefined
  readonly direct: 'reject' | 'accept'
  readonly optional: boolean
  readonly timeout: number
  readonly maxHeaders: number
  readonly maxHeaderBytes: number
  readonly versions: readonly ProxyVersion[]
  readonly crc32c: 'verify' | 'ignore'
  readonly mixedFamilies: 'reject' | 'accept'
  readonly maxPending: number
  readonly maxPendingPerPeer: number
  readonly onRefused: ((refusal: Refusal) => void) | undefined
}

const KEYS: readonly string[] = [
  'name',
  'from',
  'direct',
  'optional',
  'healthCheckFrom',
  'timeout',
  'unsafeShortTimeout',
  'maxHeaders',
  'maxHeaderBytes',
  'versions',
  'crc32c',
  'mixedFamilies',
  'maxPending',
  'maxPendingPerPeer',
  'onRefused',
]

/** @throws {AcceptError} for anything that is not exactly what `AcceptOptions` describes. */
export function acceptSettings(options: AcceptOptions): AcceptSettings {
  checkShape(options)
  const leastTimeout = flag(options, 'unsafeShortTimeout') ? 1 : 3000
  const maxPending = whole(options, 'maxPending', 1, 1_000_000, 16_384)
  return {
    name: listenerName(options.name),
    from: peers('from', options.from),
    healthCheckFrom:
      options.healthCheckFrom === undefined
        ? undefined
        : peers('healthCheckFrom', options.healthCheckFrom),
    direct: oneOf('direct', options.direct, ['reject', 'accept']),
    optional: flag(options, 'optional'),
    timeout: whole(options, 'timeout', leastTimeout, 600_000, 5000),
    maxHeaders: whole(options, 'maxHeaders', 1, 16, 1),
    maxHeaderBytes: whole(options, 'maxHeaderBytes', 232, 65_551, 4096),
    versions: versionList(options.versions),
    crc32c: oneOf('crc32c', options.crc32c, ['verify', 'ignore']),
    mixedFamilies: oneOf('mixedFamilies', options.mixedFamilies, ['reject', 'accept']),
    maxPending,
    maxPendingPerPeer: whole(options, 'maxPendingPerPeer', 1, 1_000_000, Math.ceil(maxPending / 2)),
    onRefused: callback(options.onRefused),
  }
}

function checkShape(options: unknown): void {
  if (!isObject(options)) {
    throw bad(
      'options',
      `must be an object such as { from: ['10.0.0.0/16'] }, not ${show(options)}`,
    )
  }
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw bad(key, `is not an option; there are ${KEYS.join(', ')}`)
  }
}

function peers(option: 'from' | 'healthCheckFrom', entries: unknown): PeerMembership {
  if (isMembership(entries)) return entries
  if (typeof entries === 'string' || !isIterable(entries)) {
    throw bad(option, `must be a list such as ${EXAMPLE}, not ${show(entries)}`)
  }
  const set = peerSet(option, [...entries])
  if (set.size > 0) return set
  throw bad(option, `is empty; name the addresses they connect from, such as ${EXAMPLE}`)
}

const EXAMPLE = `['10.0.0.0/16', 'loopback']`

function peerSet(option: string, entries: readonly unknown[]): PeerSet {
  const wrong = entries.find((entry) => typeof entry !== 'string')
  if (wrong !== undefined) {
    throw bad(option, `must hold text such as '10.0.0.0/16', not ${show(wrong)}`)
  }
  try {
    return PeerSet.from(entries as readonly string[])
  } catch (error) {
    throw bad(option, error instanceof Error ? error.message : String(error), error)
  }
}

/** One of two words; the first is the default. */
function oneOf<T extends string>(option: string, value: unknown, words: readonly [T, T]): T {
  const known = words.find((word) => value === word)
  if (known !== undefined) return known
  if (value === undefined) return words[0]
  throw bad(option, `must be '${words[0]}' or '${words[1]}', not ${show(value)}`)
}

function flag(options: AcceptOptions, option: 'optional' | 'unsafeShortTimeout'): boolean {
  const value: unknown = options[option]
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw bad(option, `must be true or false, not ${show(value)}`)
}

function whole(
  options: AcceptOptions,
  option: 'timeout' | 'maxHeaders' | 'maxHeaderBytes' | 'maxPending' | 'maxPendingPerPeer',
  least: number,
  most: number,
  otherwise: number,
): number {
  const value: unknown = options[option]
  if (value === undefined) return otherwise
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return value
  }
  const why = option === 'timeout' ? ' milliseconds' : ''
  throw bad(option, `must be a whole number from ${least} to ${most}${why}, not ${show(value)}`)
}

function versionList(value: unknown): readonly ProxyVersion[] {
  if (value === undefined) return [1, 2]
  const entries: readonly unknown[] = Array.isArray(value) ? value : []
  const versions = entries.filter(isVersion)
  if (versions.length > 0 && versions.length === entries.length) return [...new Set(versions)]
  throw bad('versions', `must be [1], [2] or [1, 2], not ${showList(value)}; leave it out for both`)
}

function isVersion(value: unknown): value is ProxyVersion {
  return value === 1 || value === 2
}

function showList(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(show).join(', ')}]`.slice(0, 80) : show(value)
}

function listenerName(value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && /^[ -~]{1,64}$/.test(value)))
    return value
  const what = typeof value === 'string' ? `text of ${value.length}` : show(value)
  throw bad('name', `must be 1 to 64 printable characters of ASCII, not ${what}`)
}

function callback(value: unknown): AcceptSettings['onRefused'] {
  if (value === undefined || typeof value === 'function')
    return value as AcceptSettings['onRefused']
  throw bad('onRefused', `must be a function that takes the refusal, not ${show(value)}`)
}

function isMembership(value: unknown): value is PeerMembership {
  return isObject(value) && !isIterable(value) && typeof Reflect.get(value, 'has') === 'function'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value
}

function show(value: unknown): string {
  return (typeof value === 'string' ? `'${value}'` : describe(value)).slice(0, 80)
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (isObject(value)) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function bad(option: string, message: string, cause?: unknown): AcceptError {
  return new AcceptError('bad-accept-option', `${option} ${message}`, option, cause)
}
