import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createRequire } from 'node:module'
import { encode } from '@truehop/proxy-protocol'
import express5, { type Express } from 'express'
import { onTestFinished } from 'vitest'
import { close, portOf } from '../../../test/edges/app.js'
import { TLS } from '../../../test/edges/pem.js'
import type { TruehopMiddleware } from '../src/index.js'

/** What is used here is the same in both; only version 5 has types in this workspace. */
const express4: typeof express5 = createRequire(import.meta.url)('express4')

export const VERSIONS = [
  ['Express 4', express4],
  ['Express 5', express5],
] as const

/** A proxy that must send PROXY headers, one that sends X-Forwarded-For, and nobody in particular. */
export const BALANCER = '127.0.0.2'
export const EDGE = '127.0.0.3'
export const STRANGER = '127.0.0.9'
export const CLIENT = '198.51.100.7'

export const XFF = { trust: [EDGE], header: 'x-forwarded-for' } as const

export const PROXY = {
  hops: [{ name: 'balancer', from: [BALANCER], asserts: 'proxy-protocol' }],
} as const

/** The header of a connection from `address`. */
export function proxyHeader(address = CLIENT): Buffer {
  return encode({
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address, port: 4711 },
    destination: { address: '192.0.2.1', port: 443 },
    tlvs: [],
  })
}

export type Scheme = 'http' | 'https'

/** A server for the application, listening until the test is over, attached where `identity` is given. */
export async function serve(
  app: Express,
  identity?: TruehopMiddleware,
  scheme: Scheme = 'http',
): Promise<{ port: number; server: Server }> {
  const server = scheme === 'https' ? createHttps(TLS, app) : createServer(app)
  identity?.attach(server)
  server.listen(0, '127.0.0.1')
  onTestFinished(() => close(server))
  await once(server, 'listening')
  return { port: portOf(server), server }
}
