import type { Server } from 'node:net'
import type { Terminal } from '../output/terminal.js'
import { messageOf, UsageError } from '../program/usage-error.js'

export interface Place {
  readonly host: string
  readonly port: number
}

/** `[::1]:8080`, `127.0.0.1:8080`, `host:8080`; `8080` alone if `host` says where. */
export function placeIn(text: string, host?: string): Place | undefined {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text)
  const found = match?.[1] ?? match?.[2] ?? host
  const port = Number(match?.[3])
  const isPlace = match !== null && found !== undefined && port <= 65_535
  return isPlace ? { host: found, port } : undefined
}

/**
 * The same.
 *
 * @throws {UsageError} for anything else.
 */
export function readPlace(text: string, host?: string): Place {
  const place = placeIn(text, host)
  if (place !== undefined) return place
  const [form, alone] = host === undefined ? ['HOST:PORT', ''] : ['PORT or HOST:PORT', '8080, ']
  throw new UsageError(
    `${text} is not ${form}; write ${alone}127.0.0.1:8080, or [::1]:8080 with its brackets`,
  )
}

/**
 * A place to connect to.
 *
 * @throws {UsageError} for anything but HOST:PORT, and for the port that takes a free one.
 */
export function readTarget(text: string): Place {
  const place = readPlace(text)
  if (place.port > 0) return place
  throw new UsageError(`${text}: nothing listens on port 0; write one from 1 to 65535`)
}

/** An address and port as text. */
export function placeText({ host, port }: Place): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Starts a server. Resolves with where it listens. */
export async function startListening(server: Server, { host, port }: Place): Promise<Place> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new UsageError(`cannot listen on ${placeText({ host, port })}: ${messageOf(error)}`))
    })
    server.listen(port, host, resolve)
  })
  server.on('error', () => {})
  const address = server.address()
  return { host, port: typeof address === 'object' && address !== null ? address.port : port }
}

/** Reports, once, that connections are closed because `most` are open. */
export function sayWhenFull(server: Server, most: number, { stderr }: Terminal): void {
  server.once('drop', () => {
    stderr.write(
      `truehop: ${most} connections are open, and further ones are closed at once; --max-connections N allows more\n`,
    )
  })
}

/** Resolves when the person ends the run, or `enough` does. */
export function untilEnded({ signal }: Terminal, enough: Promise<void>): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return Promise.race([ended, enough])
}
