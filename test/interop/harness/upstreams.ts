import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { definePolicy, resolve } from '@truehop/identity'
import { type AcceptOptions, acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import { certificate } from '../../peers/harness/certificate.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import type { Service } from '../../peers/harness/service.js'
import { headerText } from './header-text.js'

/** Our receivers, on the loopback interface, and what they saw. */
export interface Upstreams extends Service {
  /** HTTP on 127.0.0.1, behind a required header. */
  readonly http: number
  /** The same on ::1. */
  readonly http6: number
  /** HTTPS on 127.0.0.1, TLS behind the header. */
  readonly https: number
  /** HTTP on a socket of the file system. */
  readonly unix: string
  /** HTTP on 127.0.0.1 that takes lines of both families. */
  readonly mixed: number
  /** Greets like a mail server, on 127.0.0.1. */
  readonly mail: number
  /** HTTP on 127.0.0.1 without a header: answers with the fields of the request. */
  readonly plain: number
  /** HTTP on 127.0.0.1, for health checks, which come when they want to. */
  readonly checked: number
  /** Takes what the receiver of health checks saw since it was last asked. */
  takeChecks(): string[]
  /** Takes what the receivers saw since it was last asked: one line a connection. */
  takeSeen(): string[]
}

const policy = definePolicy({ hops: [{ from: ['loopback', 'unix'], asserts: 'proxy-protocol' }] })
const FROM = ['loopback', 'unix']

export async function startUpstreams(): Promise<Upstreams> {
  const seen: string[] = []
  const checks: string[] = []
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const folder = temporaryFolder('interop')
  const own = async (server: Server, ...where: [number, string] | [string]): Promise<number> => {
    servers.push(server)
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    if (where.length === 1) server.listen(where[0])
    else server.listen(...where)
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
  const accepting = <S extends Server>(server: S, options: Partial<AcceptOptions> = {}): S => {
    const onRefused = ({ reason }: { reason: string }) => seen.push(`refused: ${reason}`)
    acceptProxyProtocol(server, { from: FROM, maxHeaderBytes: 16_384, onRefused, ...options })
    return server
  }
  const answer: http.RequestListener = (request, response) => {
    const line = seenText(request)
    seen.push(line)
    response.setHeader('content-type', 'text/plain')
    response.end(line)
  }
  const checking: http.RequestListener = (request, response) => {
    checks.push(seenText(request))
    response.end()
  }
  const unix = join(folder, 'http.sock')
  await own(accepting(http.createServer(answer)), unix)
  // Some programs serve as another user.
  chmodSync(folder, 0o755)
  chmodSync(unix, 0o777)
  return {
    http: await own(accepting(http.createServer(answer)), 0, '127.0.0.1'),
    http6: await own(accepting(http.createServer(answer)), 0, '::1'),
    https: await own(accepting(https.createServer(certificate(), answer)), 0, '127.0.0.1'),
    mixed: await own(
      accepting(http.createServer(answer), { mixedFamilies: 'accept' }),
      0,
      '127.0.0.1',
    ),
    mail: await own(accepting(mailServer(seen)), 0, '127.0.0.1'),
    plain: await own(http.createServer(echo), 0, '127.0.0.1'),
    checked: await own(accepting(http.createServer(checking)), 0, '127.0.0.1'),
    unix,
    takeChecks: () => checks.splice(0),
    takeSeen: () => seen.splice(0),
    async stop() {
      const closed = servers.map((server) => once(server, 'close'))
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

function echo(request: http.IncomingMessage, response: http.ServerResponse): void {
  response.setHeader('content-type', 'text/plain')
  response.end(`client=${String(request.headers['x-forwarded-for'])}`)
}

/** The header of a connection, and whom the walk makes of it. */
function seenText(source: http.IncomingMessage | Socket): string {
  const { peer, headers } = proxyEvidence(source)
  const identity = resolve(policy, { peer, headers: {}, proxyHeaders: headers })
  const client = identity.ip ?? `undetermined (${identity.reason})`
  return [...headers.map((header) => headerText(header)), `client=${client}`].join('; ')
}

/** As much of SMTP as a proxy of mail speaks with what is behind it. */
function mailServer(seen: string[]): Server {
  return createServer((socket) => {
    socket.on('error', () => {})
    seen.push(seenText(socket))
    socket.write('220 mail.example ESMTP\r\n')
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n').filter(Boolean)) {
        socket.write(line.startsWith('QUIT') ? '221 bye\r\n' : '250 mail.example\r\n')
        if (line.startsWith('QUIT')) socket.end()
      }
    })
  })
}
