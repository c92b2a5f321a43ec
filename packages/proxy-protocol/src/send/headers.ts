import type { Socket } from 'node:net'
import { parseAddress } from '@truehop/ip'
import { proxyEvidence } from '../receive/index.js'
import type { InetEndpoint } from '../wire/header.js'
import { type HeaderInput, type Tlv, TlvType } from '../wire/index.js'
import { refuseUnknown } from './refuse-unknown.js'

/** Says that a connection is the sender's own, such as a health check: LOCAL, section 2.2. */
export const LOCAL_HEADER: HeaderInput = Object.freeze({
  version: 2,
  command: 'LOCAL',
  family: 'UNSPEC',
  transport: 'UNSPEC',
})

/**
 * The header that describes an accepted connection: its peer as the source, our end as the
 * destination. For a Unix-domain socket, whose ends have no address, UNSPEC without TLVs.
 *
 * The source is the socket peer, not what PROXY headers or request headers said about it; to pass
 * on an accepted header, take it from `proxyEvidence` and its TLVs from `forwardTlvs`. Undefined if
 * the connection is gone and no longer knows its ends: then there is no client to connect for, and
 * a header without addresses would name you as the client.
 *
 * @throws {TypeError} for an unknown option.
 */
export function headerFor(
  socket: Socket,
  options: {
    readonly version?: 1 | 2 | undefined
    readonly tlvs?: readonly Tlv[] | undefined
  } = {},
): HeaderInput | undefined {
  refuseUnknown(options, ['version', 'tlvs'])
  const { version = 2, tlvs = [] } = options
  const { peer, peerPort } = proxyEvidence(socket)
  if (peer === 'unix') {
    return { version, command: 'PROXY', family: 'UNSPEC', transport: 'UNSPEC' }
  }
  const source = endpoint(peer, peerPort)
  const destination = endpoint(socket.localAddress, socket.localPort)
  if (source === undefined || destination === undefined) return undefined
  const isV6 = source.address.includes(':') || destination.address.includes(':')
  const family = isV6 ? 'INET6' : 'INET'
  return { version, command: 'PROXY', family, transport: 'STREAM', source, destination, tlvs }
}

/**
 * The TLVs of an accepted header that may go on to the next party: those whose type is in `allow`,
 * in their order. What a TLV says was true for the hop that wrote it, and the next party takes it
 * as your statement: allow what you would vouch for.
 *
 * @throws {RangeError} for a type that is not a byte, and for CRC32C and NOOP, which belong to the
 * header they are in: `encode` computes its own checksum.
 */
export function forwardTlvs(
  header: { readonly tlvs?: readonly Tlv[] | undefined },
  allow: readonly number[],
): readonly Tlv[] {
  for (const type of allow) checkType(type)
  return (header.tlvs ?? []).filter(({ type }) => allow.includes(type))
}

function checkType(type: number): void {
  if (!Number.isInteger(type) || type < 0 || type > 255) {
    throw new RangeError(`TLV type must be an integer from 0 to 255, got ${type}`)
  }
  if (type === TlvType.CRC32C || type === TlvType.NOOP) {
    throw new RangeError(
      `TLV type ${type} belongs to the header it is in: leave it out, and encode with { crc32c: true }`,
    )
  }
}

function endpoint(text: string | undefined, port: number | undefined): InetEndpoint | undefined {
  const address = text === undefined ? undefined : parseAddress(text)?.text
  return address === undefined || port === undefined ? undefined : { address, port }
}
