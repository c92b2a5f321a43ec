import { createServer } from 'node:http'
import { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import fastifyRateLimit from '@fastify/rate-limit'
import { allowlist } from '@truehop/allowlist/fastify'
import { truehop } from '@truehop/fastify'
import { definePolicy } from '@truehop/identity'
import { auditTrail, verifyAudit } from '@truehop/log'
import { accessLog } from '@truehop/log/fastify'
import { acceptProxyProtocol, headerFor, refusalLog } from '@truehop/proxy-protocol'
import Fastify, { type FastifyInstance } from 'fastify'

/** What a reader has at hand where a page shows a part of a program on Fastify, or on Node alone. */
export function atHand() {
  const fastify: FastifyInstance = Fastify()
  const logger = { warn(_fields: object, _message: string) {} }
  const answer = async () => 'answer'
  const socket = new Socket()
  return {
    Fastify,
    fastify,
    app: fastify,
    truehop,
    accessLog,
    allowlist,
    auditTrail,
    verifyAudit,
    definePolicy,
    fastifyRateLimit,
    policy: definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }),
    admin: answer,
    health: answer,
    login: answer,
    find: answer,
    suggest: answer,
    ca: '',
    AppModule: class {},
    heads: [],
    files: [],
    shipElsewhere: async (_head: object) => {},
    logger,
    acceptProxyProtocol,
    refusalLog,
    server: createServer(),
    httpServer: createServer(),
    secureContext: createSecureContext(),
    socket,
    header: headerFor(socket),
    bytes: Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'),
  }
}
