import { truehop } from '@truehop/fastify'
import type { PolicyOptions } from '@truehop/identity'
import { fastify } from 'fastify'
import type { Service } from '../../peers/harness/service.js'

/** A server that answers with the identity it found and the headers it was sent. */
export interface PairApp extends Service {
  readonly port: number
}

/** What it answers with. */
export interface Answered {
  readonly client: string | undefined
  readonly reason: string
  readonly protocol: string | undefined
  readonly host: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

export async function startPairApp(policy: PolicyOptions): Promise<PairApp> {
  const app = fastify()
  await app.register(truehop, policy)
  app.get('/', ({ clientIdentity, headers }) => {
    const { ip: client, reason, protocol, host } = clientIdentity
    return { client, reason, protocol, host, headers }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: () => app.close(),
  }
}
