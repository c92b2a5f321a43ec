import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttp2, createSecureServer } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createNet, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bindServer,
  type ClientIdentity,
  definePolicy,
  identityOf,
  type Policy,
} from '@truehop/identity'
import { acceptProxyProtocol } from '@truehop/proxy-protocol'
import { onTestFinished } from 'vitest'
import { TLS } from '../../edges/pem.js'

/** Loopback and the Unix socket are the proxy, whose PROXY header names the client. */
export const POLICY = definePolicy({
  hops: [{ from: ['loopback', 'unix'], asserts: 'proxy-protocol' }],
})

export const KINDS = ['http', 'http2', 'https', 'http2 secure'] as const
export type Kind = (typeof KINDS)[number]

/** A server under the policy, without a receiver, that tells whoever asks who they are. */
export function bound(kind: Kind, policy: Policy = POLICY): Server {
  const server = serverOf(kind)
  bindServer(server, policy)
  server.on('tlsClientError', () => {})
  return server
}

function serverOf(kind: Kind): Server {
  switch (kind) {
    case 'http':
      return createHttp((request, response) => response.end(named(identityOf(request))))
    case 'https':
      return createHttps(TLS, (request, response) => response.end(named(identityOf(request))))
    case 'http2':
      return createHttp2((request, response) => response.end(named(identityOf(request))))
    case 'http2 secure':
      return createSecureServer(TLS, (request, response) =>
        response.end(named(identityOf(request))),
      )
  }
}

export function named(identity: ClientIdentity): string {
  return identity.status === 'resolved' ? identity.ip : identity.reason
}

/** With a receiver, for the senders that the policy names. */
export function receiving<S extends Server>(
  server: S,
  options: { direct?: 'accept'; optional?: true; healthCheckFrom?: string[]; from?: string[] } = {},
): S {
  acceptProxyProtocol(server, { from: POLICY.proxySenders, ...options })
  return server
}

/** A server that takes the header, looks at what comes next, and gives the socket on. */
export function sniffing(give: (socket: Socket) => void): Server {
  return receiving(
    createNet((socket) => {
      socket.on('error', () => {})
      socket.once('readable', () => {
        const first: Buffer | null = socket.read()
        if (first === null) return
        socket.unshift(first)
        give(socket)
      })
    }),
  )
}

/** Listens on loopback, or at a path, until the test ends. */
export async function listening(server: Server, at?: 'unix'): Promise<number | string> {
  const open = new Set<Socket>()
  server.prependListener('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  const path = join(tmpdir(), `truehop-field-${process.pid}-${Math.random()}.sock`)
  if (at === 'unix') server.listen(path)
  else server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  })
  return at === 'unix' ? path : (server.address() as AddressInfo).port
}
