import { identityOf } from '@truehop/identity'
import { POLICY } from '@truehop/identity/adapter'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  RegisterOptions,
} from 'fastify'
import { InspectorError } from './inspector-error.js'
import type { InspectorOptions } from './options.js'
import type { ActionRequest } from './serve/actions.js'
import { type Answer, READABLE_ELSEWHERE } from './serve/answer.js'
import { type Asked, Inspector, MAX_BODY } from './serve/inspector.js'
import { requestOrigin } from './serve/request-origin.js'
import { requirePolicy } from './serve/require-policy.js'

/** Fastify's own registration options may be given too. */
export type InspectorPluginOptions = InspectorOptions & RegisterOptions

/**
 * Serves the inspector below the prefix it is registered with, to clients that `allow` names:
 * `fastify.register(inspector, { prefix: '/_truehop', allow: ['loopback'] })`, after
 * `@truehop/fastify`. Stops with the server.
 *
 * @throws {InspectorError} for bad options, and if `@truehop/fastify` is not registered.
 */
export const inspector: FastifyPluginAsync<InspectorPluginOptions> = async (
  fastify: FastifyInstance,
  { prefix: _, logLevel: __, logSerializers: ___, ...options }: InspectorPluginOptions,
) => {
  if (!fastify.hasRequestDecorator(POLICY)) {
    throw new InspectorError(
      'identity-missing',
      '',
      'no policy is in force here: register @truehop/fastify on the outermost instance first',
    )
  }
  const core = new Inspector(options)
  fastify.addHook('preClose', async () => core.close())
  fastify.addHook('onClose', async () => core.close())
  fastify.addHook('onRequest', async (request, reply) => {
    const refusal = core.refusal(
      requirePolicy(request),
      identityOf(request),
      authorityOf(request),
      requestOrigin(request.headers),
    )
    return refusal === undefined ? undefined : send(reply, refusal)
  })
  // After the application's own hooks.
  fastify.addHook('onSend', async (_request, reply) => {
    reply.removeHeader(READABLE_ELSEWHERE)
  })
  takeText(fastify)
  fastify.post('/explain', { bodyLimit: MAX_BODY }, (request, reply) =>
    send(reply, core.explain(requirePolicy(request), askedBy(request), String(request.body ?? ''))),
  )
  fastify.route({
    method: 'POST',
    url: '/actions',
    bodyLimit: MAX_BODY,
    handler: async (request, reply) =>
      send(reply, await core.act(actionIn(request, String(request.body ?? '')))),
    // Answered and recorded as every other action that is refused.
    errorHandler: async (error, request, reply) => {
      if (error.statusCode !== 413) throw error
      await send(reply, await core.act(actionIn(request, undefined)))
    },
  })
  for (const url of ['/', '/*']) {
    const handler = (request: FastifyRequest, reply: FastifyReply) => serve(core, request, reply)
    fastify.route({ method: ['GET', 'HEAD'], url, handler })
  }
}

export default inspector

/** The form is read here, whatever parsers the application has. */
function takeText(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })
}

function actionIn(request: FastifyRequest, body: string | undefined): ActionRequest {
  const { raw, headers } = request
  const { site } = requestOrigin(headers)
  const contentType = headers['content-type']
  return { request: raw, identity: identityOf(request), contentType, site, body }
}

function authorityOf({ headers }: FastifyRequest): string | undefined {
  return headers[':authority']?.toString() ?? headers.host
}

function askedBy(request: FastifyRequest): Asked {
  const hosts = [authorityOf(request), identityOf(request).host]
  return { origin: requestOrigin(request.headers), hosts }
}

function serve(core: Inspector, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { '*': rest = '' } = request.params as { readonly '*'?: string }
  const given = core.answer({
    method: request.method,
    url: request.raw.url ?? '',
    path: `/${rest}`,
    policy: requirePolicy(request),
    etag: request.headers['if-none-match'],
    asked: askedBy(request),
  })
  return send(reply, given)
}

function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}
