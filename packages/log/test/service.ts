import { request } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { connect, type Socket } from 'node:net'
import { bindServer, definePolicy } from '@truehop/identity'
import pino from 'pino'

/** Loopback is trusted: a test says in `x-forwarded-for` who it is. */
export const policy = definePolicy({
  hops: [{ name: 'edge', from: ['loopback'], asserts: 'x-forwarded-for' }],
})

/** Puts the tests' policy in force on a server. */
export function trustTests(server: Server): void {
  bindServer(server, policy)
}

/** A place for pino to write to that keeps the lines. */
export class Lines {
  readonly all: Record<string, unknown>[] = []
  #waiting: (() => void)[] = []

  write(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.all.push(JSON.parse(line))
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The access records among them, as soon as there are `count`. */
  async records(count: number): Promise<Record<string, unknown>[]> {
    for (;;) {
      const found = this.all.filter((line) => line['msg'] === 'access')
      if (found.length >= count) return found
      await new Promise<void>((wake) => this.#waiting.push(wake))
    }
  }

  async record(): Promise<Record<string, unknown>> {
    const [first] = await this.records(1)
    return first ?? {}
  }
}

export function pinoTo(lines: Lines): pino.Logger {
  return pino({ base: null, level: 'trace' }, lines)
}

export interface Asked {
  readonly path: string
  readonly as: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One request over a real socket; resolves with status and body length as received. */
export function ask(
  server: Server,
  { path, as, method = 'GET', headers = {} }: Asked,
): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const options = {
      ...addressOf(server),
      path,
      method,
      headers: { 'x-forwarded-for': as, ...headers },
    }
    const asked = request(options, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** A connection that has sent a request and not yet read anything. */
export function askAndHold(server: Server, path: string, as: string): Socket {
  const socket = connect(addressOf(server))
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: ${as}\r\n\r\n`)
  return socket
}

function addressOf(server: Server): { host: string; port: number } {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}
