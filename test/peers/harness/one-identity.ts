import { expect } from 'vitest'
import { type App, DENIED, LIMIT } from './app.js'
import type { CurlResponse } from './curl.js'

/** Sends one request from a loopback address through the path under test. */
export type Send = (from: string, headers: readonly string[]) => Promise<CurlResponse>

/** What the walk must have found, beside the address. */
export interface Expected {
  readonly source: string
  readonly reason: string
  /** The socket peer. */
  readonly peer: string
}

const CLIENT = '127.0.0.9'
const OTHER = '127.0.0.10'
const FORGED = '127.0.0.200'

/** What a client writes who wants to be someone else. Proxies that own a header replace or extend it. */
const FORGERIES = [
  `X-Forwarded-For: ${FORGED}`,
  `Forwarded: for=${FORGED}`,
  `X-Real-IP: ${FORGED}`,
  `CF-Connecting-IP: ${FORGED}`,
]

/**
 * Asserts that handler, log, allowlist and limiter name the same client: a client is answered until
 * its own limit ends, another one is still answered, and a third one is denied.
 */
export async function expectOneIdentity(app: App, send: Send, expected: Expected): Promise<void> {
  for (let count = 1; count <= LIMIT; count++) {
    const { status, body } = await send(CLIENT, FORGERIES)
    expect(status, body).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      clientIp: CLIENT,
      ip: CLIENT,
      identity: { status: 'resolved', ip: CLIENT, ...expected },
    })
    expect(await app.takeSeen()).toEqual({ log: CLIENT, allowlist: CLIENT, limiter: undefined })
  }

  expect((await send(CLIENT, FORGERIES)).status).toBe(429)
  expect(await app.takeSeen()).toEqual({ log: CLIENT, allowlist: CLIENT, limiter: CLIENT })

  expect((await send(OTHER, FORGERIES)).status).toBe(200)
  expect(await app.takeSeen()).toEqual({ log: OTHER, allowlist: OTHER, limiter: undefined })

  expect((await send(DENIED, FORGERIES)).status).toBe(403)
  expect(await app.takeSeen()).toEqual({ log: DENIED, allowlist: DENIED, limiter: undefined })
}
