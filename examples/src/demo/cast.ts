import { once } from 'node:events'
import { createServer } from 'node:net'

/** Who has which address. Everything is on this machine; distinct addresses make the walk visible. */
export interface Cast {
  readonly client: string
  /** Appends to `X-Forwarded-For`. */
  readonly edge: string
  /** Writes PROXY headers. */
  readonly relay: string
  /** Where servers listen: in two families where the others are spread over two. */
  readonly fastify: readonly string[]
  readonly express: readonly string[]
  readonly edgeDoors: readonly string[]
  readonly relayDoors: readonly string[]
}

/** Linux and Windows: the whole of 127.0.0.0/8 is this machine. */
export const APART: Cast = {
  client: '127.0.0.10',
  edge: '127.0.0.20',
  relay: '127.0.0.30',
  fastify: ['127.0.0.40'],
  express: ['127.0.0.50'],
  edgeDoors: ['127.0.0.20'],
  relayDoors: ['127.0.0.30'],
}

const BOTH = ['127.0.0.1', '::1']

/** macOS has one IPv4 loopback address: the client gets it, the proxies share the IPv6 one. */
export const TOGETHER: Cast = {
  client: '127.0.0.1',
  edge: '::1',
  relay: '::1',
  fastify: BOTH,
  express: BOTH,
  edgeDoors: BOTH,
  relayDoors: BOTH,
}

/** The first cast whose addresses this machine has; undefined where it has fewer than two. */
export async function findCast(): Promise<Cast | undefined> {
  if (await canBind(APART.client)) return APART
  return (await canBind('::1')) ? TOGETHER : undefined
}

async function canBind(address: string): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(0, address), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
