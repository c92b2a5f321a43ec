import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { DecisionMessage } from '@truehop/allowlist'
import type { PolicyOptions } from '@truehop/identity'
import { startExpress } from './express-app.js'
import { startFastify } from './fastify-app.js'
import { type Seen, SeenByConsumers } from './seen.js'
import type { Service } from './service.js'

export type Scheme = 'http' | 'https'

/** The kinds of application that stand behind every path. */
export const APPS = [
  { framework: 'fastify', scheme: 'http' },
  { framework: 'fastify', scheme: 'https' },
  { framework: 'express', scheme: 'http' },
  { framework: 'express', scheme: 'https' },
] as const

export interface AppOptions {
  readonly framework: 'fastify' | 'express'
  readonly scheme: Scheme
  readonly policy: PolicyOptions
}

/** On the deny list of every application. */
export const DENIED = '127.0.0.66'
/** Requests that each client has in the minute. */
export const LIMIT = 2

/** What the edges of both frameworks are given. */
export interface EdgeOptions {
  readonly scheme: Scheme
  readonly policy: PolicyOptions
  readonly seen: SeenByConsumers
}

/** An application with identity, access log, allowlist and rate limit, on a port of 127.0.0.1. */
export interface App extends Service {
  readonly scheme: Scheme
  readonly port: number
  /** Without a slash at the end. */
  readonly url: string
  /** Whom the consumers took for the client of the last request. */
  takeSeen(): Promise<Seen>
}

export async function startApp({ framework, scheme, policy }: AppOptions): Promise<App> {
  const seen = new SeenByConsumers()
  const start = framework === 'fastify' ? startFastify : startExpress
  const { port, stop } = await start({ scheme, policy, seen })
  const url = `${scheme}://127.0.0.1:${port}`
  const note = (message: unknown): void => {
    const { decision, request } = message as DecisionMessage
    if ((request as IncomingMessage).socket.localPort === port) seen.decided(decision.client)
  }
  subscribe('truehop.allowlist.decision', note)
  return {
    scheme,
    port,
    url,
    async stop() {
      unsubscribe('truehop.allowlist.decision', note)
      await stop()
    },
    takeSeen: () => seen.take(),
  }
}
