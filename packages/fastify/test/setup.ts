import type { Server } from 'node:net'
import { encode } from '@truehop/proxy-protocol'
import { onTestFinished } from 'vitest'
import { portOf } from '../../../test/edges/app.js'

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

interface Listening {
  readonly server: Server
  listen(options: { port: number; host: string }): Promise<string>
  close(): unknown
}

/** Listens on 127.0.0.1, or on `host`, until the test is over; gives the port. */
export async function listen(app: Listening, host = '127.0.0.1'): Promise<number> {
  onTestFinished(() => void app.close())
  await app.listen({ port: 0, host })
  return portOf(app.server)
}
