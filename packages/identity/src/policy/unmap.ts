import { type Address, PeerSet, type Prefix, PrefixError, parsePrefix } from '@truehop/ip'
import { embeddedIpv4, TRANSLATION_LENGTHS } from '@truehop/ip/internal'
import { show } from './checks.js'
import { PolicyError } from './error.js'

/** The IPv4 address that a translated IPv6 address stands for; any other address as it is. */
export type Unmap = (address: Address) => Address

const WELL_KNOWN = parsePrefix('64:ff9b::/96')

/**
 * RFC 6052 section 3.1: no translator may use the well-known prefix for addresses that are not
 * global, so one that does was made by somebody who would like to be 10.0.0.5.
 */
const NOT_GLOBAL = PeerSet.from(['private', 'loopback', 'linklocal', 'cgnat'])

/** Validates `unmap`; undefined where no prefix is named. */
export function compileUnmap(prefixes: unknown): Unmap | undefined {
  if (prefixes === undefined) return undefined
  if (!Array.isArray(prefixes)) {
    throw bad('unmap', `must be a list, not ${show(prefixes)}; write ['64:ff9b::/96']`)
  }
  const known = Array.from(prefixes, (entry: unknown, i) => compilePrefix(entry, `unmap[${i}]`))
  return known.length === 0 ? undefined : (address) => unmapped(known, address)
}

function unmapped(prefixes: readonly Prefix[], address: Address): Address {
  if (address.family === 4) return address
  for (const prefix of prefixes) {
    const embedded = embeddedIpv4(address, prefix)
    if (embedded === undefined) continue
    return isWellKnown(prefix) && NOT_GLOBAL.has(embedded) ? address : embedded
  }
  return address
}

function isWellKnown({ address }: Prefix): boolean {
  return address.equals(WELL_KNOWN.address)
}

function compilePrefix(entry: unknown, path: string): Prefix {
  if (typeof entry !== 'string') {
    throw bad(path, `must be text, not ${show(entry)}; write '64:ff9b::/96'`)
  }
  const prefix = parse(entry, path)
  if (prefix.family === 6 && TRANSLATION_LENGTHS.includes(prefix.length)) return prefix
  throw bad(
    path,
    `must be an IPv6 prefix of ${TRANSLATION_LENGTHS.join(', ')} bits (RFC 6052), not ${show(entry)}; write '64:ff9b::/96'`,
  )
}

function parse(entry: string, path: string): Prefix {
  try {
    return parsePrefix(entry)
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    throw bad(path, error.message)
  }
}

function bad(path: string, message: string): PolicyError {
  return new PolicyError('bad-unmap', path, message)
}
