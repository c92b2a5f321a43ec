import { request } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { bindServer, definePolicy } from '@truehop/identity'

/** Loopback is trusted: a test says in `x-forwarded-for` who it is. */
const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })

/** Puts the tests' policy in force on a server. */
export function trustTests(server: Server): void {
  bindServer(server, policy)
}

export interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly cacheControl: string | undefined
  readonly body: string
}

/** One request over a real socket, as the client that `as` names. */
export function ask(server: Server, path: string, as: string): Promise<Answer> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: { 'x-forwarded-for': as } }
    const asked = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'],
          cacheControl: response.headers['cache-control'],
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}
