import { connect, createServer, isIPv6, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { encode } from '@truehop/proxy-protocol'
import { Listening } from './listening.js'

export interface RelayOptions {
  readonly version: 1 | 2
  /** Where it connects from. */
  readonly address: string
  readonly listenAt: readonly string[]
  readonly target: Listening
}

/**
 * Forwards TCP connections, each behind a PROXY header that names its client: what a network load
 * balancer does, or HAProxy with `send-proxy` and `send-proxy-v2`.
 */
export function startRelay(options: RelayOptions): Promise<Listening> {
  return Listening.at(options.listenAt, () =>
    createServer((client) => {
      forward(client, options)
    }),
  )
}

function forward(client: Socket, { version, address, target }: RelayOptions): void {
  const header = proxyHeader(client, version)
  const door = target.facing(address)
  const server = connect({ host: door.address, port: door.port, localAddress: address })
  if (header !== undefined) server.write(header)
  else client.destroy()
  // Each direction ends the other when it fails; there is nothing else to do.
  pipeline(client, server, () => {})
  pipeline(server, client, () => {})
}

/** Undefined where the client is gone before its address was read. */
function proxyHeader(client: Socket, version: 1 | 2): Buffer | undefined {
  const { remoteAddress, remotePort, localAddress, localPort } = client
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  if (localAddress === undefined || localPort === undefined) return undefined
  return encode({
    version,
    command: 'PROXY',
    family: isIPv6(remoteAddress) ? 'INET6' : 'INET',
    transport: 'STREAM',
    source: { address: remoteAddress, port: remotePort },
    destination: { address: localAddress, port: localPort },
  })
}
