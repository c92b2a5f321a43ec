import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import {
  type HeaderInput,
  ProxyHttpAgent,
  ProxyHttpsAgent,
  proxyConnect,
  proxyConnector,
} from '@truehop/proxy-protocol'
import { Client, request as undiciRequest } from 'undici'
import { certificate } from '../../peers/harness/certificate.js'
import { HEADERS, type HeaderName } from './headers.js'
import type { Listener } from './peer.js'

/** Longest wait for an answer. */
const PATIENCE_MS = 8000

/** What came of one connection: its bytes as text, `undefined` where nothing came in time. */
export type Came = string | undefined

/** Connects with `proxyConnect` and asks; with no header, or broken bytes, over a plain connection. */
export async function askByConnect(
  port: number,
  listener: Pick<Listener, 'tls' | 'speaks'>,
  name: HeaderName,
): Promise<Came> {
  const { header, bytes, crc32c = false } = HEADERS[name]
  const tls = { ca: certificate().cert, servername: 'localhost' }
  const to = { host: '127.0.0.1', port }
  let socket: Socket
  if (header === undefined || bytes !== undefined) {
    socket = connect(to)
    socket.on('error', () => {})
    if (bytes !== undefined) socket.write(bytes)
    if (listener.tls === true) socket = connectTls({ socket, ...tls })
  } else {
    const options = { ...to, header, crc32c }
    socket = proxyConnect(listener.tls === true ? { ...options, tls } : options)
  }
  return converse(socket, listener)
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
/**
 * What is said to either kind of mail server, one line an answer. A greeting alone shows nothing: Exim
 * greets everyone, and refuses what comes after that.
 */
const LINES = { smtp: ['EHLO client.example', 'QUIT'], imap: ['a LOGOUT'] } as const

function converse(socket: Socket, { speaks }: Pick<Listener, 'speaks'>): Promise<Came> {
  let text = ''
  if (speaks === undefined) socket.write(REQUEST)
  const lines: string[] = speaks === undefined ? [] : [...LINES[speaks]]
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(text === '' ? undefined : text)
      socket.destroy()
    }, PATIENCE_MS)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const line = lines.shift()
      if (line !== undefined) socket.write(`${line}\r\n`)
    })
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}

/** The other ways to send: each asks for one page, and rejects where none comes. */
export type WayName = 'agent' | 'undici'

type Way = (
  scheme: 'http' | 'https',
  port: number,
  header: HeaderInput,
  crc32c: boolean,
) => Promise<string>

export const WAYS: Readonly<Record<WayName, Way>> = {
  agent: (scheme, port, proxyHeader, crc32c) =>
    new Promise((resolve, reject) => {
      const to = { host: 'localhost', family: 4, port, proxyHeader }
      const respond = (response: IncomingMessage): void => {
        textOf(response).then(
          (body) => resolve(headText(response.statusCode, response.headers) + body),
          reject,
        )
      }
      const ca = certificate().cert
      const call =
        scheme === 'http'
          ? httpRequest({ ...to, agent: new ProxyHttpAgent({ crc32c }) }, respond)
          : httpsRequest({ ...to, agent: new ProxyHttpsAgent({ crc32c, ca }) }, respond)
      call.setTimeout(PATIENCE_MS, () => call.destroy(new Error('no answer in time')))
      call.on('error', reject)
      call.end()
    }),
  undici: async (scheme, port, header, crc32c) => {
    const tls = { ca: certificate().cert }
    const connector = proxyConnector(header, { crc32c, tls })
    const origin = `${scheme}://localhost:${port}`
    const dispatcher = new Client(origin, { connect: connector, headersTimeout: PATIENCE_MS })
    try {
      const { statusCode, headers, body } = await undiciRequest(origin, { dispatcher })
      return headText(statusCode, headers) + (await body.text())
    } finally {
      await dispatcher.destroy()
    }
  },
}

/** As it is on the wire, as far as the matrix looks at it. */
function headText(status: number | undefined, headers: NodeJS.Dict<string | string[]>): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\n`)
  return `HTTP/1.1 ${status}\n${fields.join('')}`
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text
}
