import { parseAddress } from '@truehop/ip'
import { reportUnknown } from '@truehop/options'
import type { HeaderInput, Tlv } from '@truehop/proxy-protocol/wire'
import type { ClientIdentity } from '../walk/identity.js'

/** This server's end of the client's connection; a `net.Socket` is one. */
export interface LocalEnd {
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
}

/**
 * The PROXY header that names the decided client to an upstream, for `proxyConnect`, the agents and
 * `proxyConnector` of @truehop/proxy-protocol. Its source port is 0 if the evidence had none.
 *
 * Undefined if the client is undetermined, or the connection is gone and no longer knows its end:
 * then there is no client to connect for. LOCAL, UNKNOWN and UNSPEC would all name this proxy.
 *
 * @throws {TypeError} for an unknown option.
 */
export function proxyHeaderFor(
  identity: ClientIdentity,
  local: LocalEnd,
  options: {
    readonly version?: 1 | 2 | undefined
    readonly tlvs?: readonly Tlv[] | undefined
  } = {},
): HeaderInput | undefined {
  refuseUnknown(options)
  const { localAddress, localPort } = local
  const { version = 2, tlvs = [] } = options
  const end = localAddress === undefined ? undefined : parseAddress(localAddress)
  if (identity.status === 'undetermined' || end === undefined || localPort === undefined) {
    return undefined
  }
  const source = { address: identity.ip, port: identity.port ?? 0 }
  const destination = { address: end.text, port: localPort }
  const family = identity.address.family === 6 || end.family === 6 ? 'INET6' : 'INET'
  return { version, command: 'PROXY', family, transport: 'STREAM', source, destination, tlvs }
}

function refuseUnknown(options: object): void {
  reportUnknown({ ...options }, ['version', 'tlvs'], '', ({ path, message }) => {
    throw new TypeError(`${path}: ${message}`)
  })
}
