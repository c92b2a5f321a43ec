import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { type Address, PeerSet, parseAddress } from '@truehop/ip'
import { type Place, placeText } from '../listen/listening.js'
import { messageOf, UsageError } from '../program/usage-error.js'

/** A listener that may be probed. */
export interface Target {
  /** As given: the name in `Host` and in the TLS handshake. */
  readonly place: Place
  /**
   * The address that is connected to: looked up once, so that it stays the one that was checked.
   */
  readonly address: string
}

/**
 * Targets that may be probed without confirmation: this machine, and addresses that are not on the
 * Internet.
 */
const NEARBY = PeerSet.from(['loopback', 'private', 'uniquelocal', 'linklocal'])

/**
 * Looks up the host, and refuses it unless every address it has is nearby, or `isOperator` confirms
 * it.
 *
 * @throws {UsageError} if it is refused or has no address.
 */
export async function findTarget(place: Place, isOperator: boolean): Promise<Target> {
  const addresses = await addressesOf(place.host)
  const far = addresses.find((address) => !NEARBY.has(address))
  if (far !== undefined && !isOperator) {
    throw new UsageError(
      `${placeText(place)} is ${far.text}, neither loopback nor private; probe only what you operate, and say so with --yes-i-operate-this-host`,
    )
  }
  // A link-local address is one only with its zone, RFC 4007 section 6, which an address here lacks.
  const hasZone = isIP(place.host) === 6 && place.host.includes('%')
  const texts = hasZone ? [place.host] : addresses.map(({ text }) => text)
  const address = await firstOpen(texts, place.port)
  if (address === undefined) throw new UsageError(`${place.host} has no address`)
  return { place, address }
}

/** Milliseconds for a connection to one of several addresses. */
const CONNECT_TIMEOUT = 1000

/**
 * The first of several addresses that accepts a connection, as clients choose among those of a
 * name: `localhost` is IPv4 and IPv6, but a listener often only one. If none does, the first.
 */
export async function firstOpen(
  addresses: readonly string[],
  port: number,
): Promise<string | undefined> {
  if (addresses.length < 2) return addresses[0]
  for (const address of addresses) if (await isOpen(address, port)) return address
  return addresses[0]
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT })
    const end = (open: boolean): void => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.on('error', () => end(false))
  })
}

async function addressesOf(host: string): Promise<Address[]> {
  const literal = parseAddress(host)
  if (literal !== undefined) return [literal]
  try {
    const found = await lookup(host, { all: true, verbatim: true })
    return found.flatMap(({ address }) => parseAddress(address) ?? [])
  } catch (error) {
    throw new UsageError(`${host} cannot be looked up: ${messageOf(error)}`)
  }
}
