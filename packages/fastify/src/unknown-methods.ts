import { type IncomingMessage, METHODS, type Server } from 'node:http'
import type { Server as NetServer } from 'node:net'
import type { FastifyInstance } from 'fastify'

const KNOWN: ReadonlySet<string> = new Set(METHODS)

const METHOD = Symbol('truehop.method')

type Request = Pick<IncomingMessage, 'method'> & { [METHOD]?: string | undefined }

/**
 * HTTP/2 lets any method through (`BREW`), and for one that Node does not know, Fastify runs no
 * hooks at all: no allowlist, no limit, and its own 404 with pages of log. Such a request goes to
 * Fastify's router under a method that has no route, gets the 404 of the scope with all of its
 * hooks, and has its own method back before the first of them.
 */
export function restoreMethods(fastify: FastifyInstance): void {
  if (!fastify.initialConfig.http2) return
  // Fastify asks for the id first, and then writes "incoming request".
  const generate: unknown = Reflect.get(fastify, 'genReqId')
  if (typeof generate === 'function') {
    fastify.setGenReqId((raw) => {
      restore(raw)
      return String(Reflect.apply(generate, undefined, [raw]))
    })
  }
  // No id is asked for if a header brings one.
  fastify.addHook('onRequest', (request, _reply, next) => {
    restore(request.raw)
    next()
  })
}

/** Passes the requests of one server of the instance to its router as above. */
export function routeUnknownMethods(fastify: FastifyInstance, server: NetServer): void {
  if (!fastify.initialConfig.http2) return
  ;(server as Server).prependListener('request', (request: Request) => {
    const { method } = request
    if (method === undefined || KNOWN.has(method)) return
    const { supportedMethods } = fastify
    request.method = METHODS.find((name) => !supportedMethods.includes(name))
    request[METHOD] = method
  })
}

function restore(request: Request): void {
  const method = request[METHOD]
  if (method === undefined) return
  request[METHOD] = undefined
  request.method = method
}
