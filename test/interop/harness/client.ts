import http, { type Agent, type RequestOptions } from 'node:http'
import https from 'node:https'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { certificate } from '../../peers/harness/certificate.js'
import type { SenderCell } from './peer.js'

export interface ClientOptions {
  /** Any of 127.0.0.0/8, or ::1. */
  readonly from?: string
  readonly tls?: true
  /** With a certificate of its own: the one of the run. */
  readonly certificate?: true
  readonly path?: string
  readonly agent?: Agent
}

/** What a busy machine may take for an answer that comes. */
export const PATIENCE_MS = 20_000

/** Whom a sender is to name. */
export const CLIENT = '127.0.0.9'

/** Asks a program for one page; returns its text, or the status where there is none. */
export function ask(port: number, options: ClientOptions = {}): Promise<string> {
  const { from = CLIENT, tls, path = '/', agent = false } = options
  const { cert, key } = certificate()
  const own = options.certificate === true ? { cert, key } : {}
  const to: RequestOptions = {
    host: from.includes(':') ? '::1' : '127.0.0.1',
    localAddress: from,
    port,
    path,
    agent,
  }
  return new Promise((resolve) => {
    const respond = (response: http.IncomingMessage): void => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.once('error', () => resolve('no answer'))
      response.once('end', () =>
        resolve(response.statusCode === 200 ? text : `status ${response.statusCode}`),
      )
    }
    const call =
      tls === true
        ? https.request({ ...to, ca: cert, servername: 'localhost', ...own }, respond)
        : http.request(to, respond)
    call.setTimeout(PATIENCE_MS, () => call.destroy())
    call.on('error', () => resolve('no answer'))
    call.end()
  })
}

/** The same over a socket of the file system, whose client has no address. */
export function askUnix(socketPath: string): Promise<void> {
  return new Promise((resolve) => {
    const call = http.get({ socketPath, agent: false }, (response) => {
      response.resume()
      response.once('end', resolve)
    })
    call.setTimeout(PATIENCE_MS, () => call.destroy())
    call.on('error', () => resolve())
  })
}

/** Connects, waits for the greeting, says these lines one answer at a time, and ends. */
export function converse(port: number, lines: readonly string[], from = CLIENT): Promise<void> {
  return new Promise((resolve) => {
    const waiting = [...lines]
    const socket = connect({ host: '127.0.0.1', port, localAddress: from })
    socket.setTimeout(PATIENCE_MS, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('data', () => {
      const line = waiting.shift()
      if (line === undefined) socket.end()
      else socket.write(`${line}\r\n`)
    })
    socket.once('close', () => resolve())
  })
}

/** Two clients, one after the other, over whatever connections the program keeps. */
export function twoClients(setting: string, port: string, path: string): SenderCell {
  return {
    setting,
    cell: 'two clients in a row',
    async ask({ ports }, to) {
      to.takeSeen()
      const texts: string[] = []
      for (const from of ['127.0.0.7', '127.0.0.8']) {
        texts.push(await ask(ports[port] ?? 0, { from, path }))
      }
      return texts.join(' | ')
    },
  }
}

/** What a receiver wrote down, as soon as it has; within 20 s. */
export async function seenAtLast(upstreams: { takeSeen(): string[] }): Promise<string[]> {
  for (const start = Date.now(); Date.now() - start < PATIENCE_MS; await delay(20)) {
    const seen = upstreams.takeSeen()
    if (seen.length > 0) return seen
  }
  return []
}

/** The one line that a receiver wrote down meanwhile, or all of them. */
export async function seenBy(
  upstreams: { takeSeen(): string[] },
  act: () => Promise<unknown>,
): Promise<string> {
  upstreams.takeSeen()
  await act()
  return upstreams.takeSeen().join(' | ')
}
