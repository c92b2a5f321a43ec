import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { proxyLine } from '../../bytes/proxy-header.js'
import type { Cell } from './cells.js'
import { PSK } from './psk.js'

export interface Asked {
  /** Who the server says the client is. */
  readonly answer: string
  /** The session to come back with. */
  readonly session: Buffer | undefined
}

/** Connects as the proxy does for the client `address`, and asks who that is. */
export async function askAs(
  address: string,
  port: number,
  cell: Cell,
  pem: Buffer,
  session?: Buffer,
): Promise<Asked> {
  const raw = connectTcp(port, '127.0.0.1')
  await once(raw, 'connect')
  raw.write(proxyLine(address))
  const secure = connectTls({ socket: raw, ...optionsOf(cell, pem), ...resuming(cell, session) })
  let latest: Buffer | undefined
  secure.on('session', (given: Buffer) => {
    latest = given
  })
  try {
    return { answer: await ask(secure, cell), session: latest }
  } finally {
    destroyAll(secure, raw)
  }
}

/** Whoever shares a key has no need of a session, and OpenSSL takes only one of the two. */
function resuming({ callback }: Cell, session: Buffer | undefined): ConnectionOptions {
  return session === undefined || callback === 'pskCallback' ? {} : { session }
}

/** The types of Node 20 leave `requestOCSP` out; its documentation does not. */
function optionsOf(cell: Cell, pem: Buffer): ConnectionOptions & { requestOCSP: boolean } {
  return {
    ca: pem,
    servername: 'localhost',
    ALPNProtocols: [cell.server === 'http2' ? 'h2' : 'http/1.1'],
    requestOCSP: cell.callback === 'OCSPRequest',
    ...(cell.callback === 'pskCallback' ? PSK.client : {}),
  }
}

async function ask(secure: TLSSocket, { server }: Cell): Promise<string> {
  if (server === 'http2') return askHttp2(secure)
  if (server === 'tls') secure.write('?')
  else {
    secure.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  }
  const said = await text(secure)
  return said.slice(said.lastIndexOf('\n') + 1)
}

async function askHttp2(secure: TLSSocket): Promise<string> {
  const session = connectHttp2('https://localhost', { createConnection: () => secure })
  const failed = once(session, 'error').then(([error]) => Promise.reject(error))
  const request = session.request({ ':path': '/' })
  request.on('error', () => {})
  const answer = await Promise.race([text(request), failed])
  session.close()
  return answer
}

function destroyAll(...sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.destroy()
  }
}
