import { pipeline } from 'node:stream'
import { identityOf } from '@truehop/identity'
import type { NextFunction, Request, Response } from 'express'
import type { InspectorOptions } from './options.js'
import type { Answer } from './serve/answer.js'
import { Inspector, MAX_BODY } from './serve/inspector.js'
import { requirePolicy } from './serve/require-policy.js'

/** Middleware to be mounted under a path of its own. */
export interface InspectorMiddleware {
  (request: Request, response: Response, next: NextFunction): void
  /** Stops recording and ends the streams of open pages: call it when the server shall close. */
  close(): void
}

/**
 * Serves the inspector where it is mounted, to clients that `allow` names:
 * `app.use('/_truehop', inspector({ allow: ['loopback'] }))`, after `truehop(…)`.
 *
 * @throws {InspectorError} for bad options.
 */
export function inspector(options: InspectorOptions): InspectorMiddleware {
  const core = new Inspector(options)
  const serve = (request: Request, response: Response, next: NextFunction): void => {
    answerTo(core, request).then((given) => send(request, response, given), next)
  }
  return Object.assign(serve, { close: () => core.close() })
}

export default inspector

async function answerTo(core: Inspector, request: Request): Promise<Answer> {
  const refusal = core.refusal(identityOf(request), request.headers.host)
  if (refusal !== undefined) return refusal
  const policy = requirePolicy(request)
  const { method, path } = request
  if (method === 'POST' && path === '/explain') return core.explain(policy, await bodyOf(request))
  const [pathname = ''] = request.originalUrl.split('?')
  return core.answer({ method, pathname, path, policy, etag: request.headers['if-none-match'] })
}

/** The body as text, also where a parser of the application came first; undefined if too long. */
async function bodyOf(request: Request): Promise<string | undefined> {
  if (request.readableEnded) {
    return typeof request.body === 'string' ? request.body : JSON.stringify(request.body ?? null)
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(request: Request, response: Response, { status, headers, body }: Answer): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (!Buffer.isBuffer(body)) {
    // A viewer who goes away is no error of anybody's.
    pipeline(body, response, () => {})
    return
  }
  if (request.method === 'HEAD') response.end()
  else response.end(body)
}
