/*
 * client ──> reverse proxy ──HTTP, X-Forwarded-For──> this application
 *
 * GraphQL has one path for everything: requests are not alike, so each costs what its query asks
 * for. The limit counts after the body has been read, and before anything is resolved.
 */
import { truehop } from '@truehop/fastify'
import { rateLimit } from '@truehop/rate-limit/fastify'
import Fastify, { type FastifyRequest } from 'fastify'
import { listenAddress } from './listen-address.js'

/** Fields a list has where the query does not say. */
const DEFAULT_FIRST = 10
/** Beyond it a query is refused in any case. */
const TOO_MUCH = 1_000_000

/**
 * What a query asks for: a unit for each field, as often as the lists around it are long. A server
 * with a schema walks the parsed document instead; the limit takes either.
 */
function costOf(query: string): number {
  const factors = [1]
  let next = 1
  let cost = 0
  for (const [token, , first] of query.matchAll(/([{}])|\(([^)]*)\)|[A-Za-z_]\w*/g)) {
    if (token === '{') factors.push(Math.min(TOO_MUCH, (factors.at(-1) ?? 1) * next))
    else if (token === '}') factors.pop()
    else if (token.startsWith('(')) {
      next = Number(/\bfirst\s*:\s*(\d{1,6})/.exec(first ?? '')?.[1] ?? DEFAULT_FIRST)
      continue
    } else if (factors.length > 1) cost += factors.at(-1) ?? 1
    next = 1
    if (cost > TOO_MUCH) return TOO_MUCH
  }
  return Math.max(1, cost)
}

function queryOf({ body }: FastifyRequest): string {
  const query: unknown = typeof body === 'object' && body !== null && 'query' in body && body.query
  return typeof query === 'string' ? query : ''
}

const app = Fastify({ logger: true, bodyLimit: 64 * 1024 })

await app.register(truehop, { trust: ['loopback'], header: 'x-forwarded-for' })
await app.register(rateLimit, {
  name: 'graphql',
  limit: 1000,
  window: 60,
  hook: 'preHandler',
  cost: (request) => costOf(queryOf(request)),
})

app.post('/graphql', (request) => ({
  data: null,
  extensions: { cost: costOf(queryOf(request)), client: request.clientIp },
}))

await app.listen(listenAddress)
