import { type Address, PeerSet, type Prefix, PrefixError, parsePrefix } from '@truehop/ip'
import { embeddedIpv4, TRANSLATION_LENGTHS } from '@truehop/ip/internal'
import { type Report, show } from '@truehop/options'

/** The IPv4 address that a translated IPv6 address stands for; any other address as it is. */
export type Unmap = (address: Address) => Address

const WELL_KNOWN = parsePrefix('64:ff9b::/96')

/**
 * RFC 6052 section 3.1: no translator may use the well-known prefix for addresses that are not
 * global, so such an address was made by somebody who wants to be 10.0.0.5.
 */
let notGlobal: PeerSet | undefined

/** Prefixes in which translators make addresses. */
export type TranslationPrefixes = readonly Prefix[]

/** The valid prefixes; what is wrong with the others is reported, one by one. */
export function readUnmap(prefixes: unknown, path: string, report: Report): TranslationPrefixes {
  if (Array.isArray(prefixes)) {
    // `Array.from` rather than `map`, which skips holes.
    return Array.from(prefixes, (entry: unknown, i) =>
      readPrefix(entry, `${path}[${i}]`, report),
    ).flat()
  }
  const message = `must be an array, got ${show(prefixes)}; write ['64:ff9b::/96']`
  report({ path, code: 'bad-unmap', message })
  return []
}

/** Undefined if no prefix is named. */
export function compileUnmap(known: TranslationPrefixes | undefined = []): Unmap | undefined {
  return known.length === 0 ? undefined : (address) => unmapped(known, address)
}

function unmapped(prefixes: readonly Prefix[], address: Address): Address {
  if (address.family === 4) return address
  for (const prefix of prefixes) {
    const embedded = embeddedIpv4(address, prefix)
    if (embedded === undefined) continue
    return isWellKnown(prefix) && isNotGlobal(embedded) ? address : embedded
  }
  return address
}

function isNotGlobal(address: Address): boolean {
  notGlobal ??= PeerSet.from(['private', 'loopback', 'linklocal', 'cgnat'])
  return notGlobal.has(address)
}

function isWellKnown({ address }: Prefix): boolean {
  return address.equals(WELL_KNOWN.address)
}

function readPrefix(entry: unknown, path: string, report: Report): Prefix[] {
  const refuse = (message: string): [] => {
    report({ path, code: 'bad-unmap', message })
    return []
  }
  if (typeof entry !== 'string') {
    return refuse(`must be a string, got ${show(entry)}; write '64:ff9b::/96'`)
  }
  try {
    const prefix = parsePrefix(entry)
    if (prefix.family === 6 && TRANSLATION_LENGTHS.includes(prefix.length)) return [prefix]
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    return refuse(error.message)
  }
  return refuse(
    `must be an IPv6 prefix of ${TRANSLATION_LENGTHS.join(', ')} bits (RFC 6052), got ${show(entry)}; write '64:ff9b::/96'`,
  )
}
