import { pipeline } from 'node:stream'
import { identityOf } from '@truehop/identity'
import type { NextFunction, Request, Response } from 'express'
import type { InspectorOptions } from './options.js'
import { type Answer, READABLE_ELSEWHERE } from './serve/answer.js'
import { Inspector, MAX_BODY } from './serve/inspector.js'
import { requestOrigin } from './serve/request-origin.js'
import { requirePolicy } from './serve/require-policy.js'

/** Middleware to mount under its own path. */
export interface InspectorMiddleware {
  (request: Request, response: Response, next: NextFunction): void
  /** Stops recording and ends the streams of open pages: call it when the server should close. */
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
    respond(core, request, response).catch((error: unknown) => {
      // Answered by other code meanwhile: to Express this is an error in the middle of a response.
      if (!response.headersSent) next(error)
    })
  }
  return Object.assign(serve, { close: () => core.close() })
}

export default inspector

async function respond(core: Inspector, request: Request, response: Response): Promise<void> {
  const given = await answerTo(core, request)
  if (given !== undefined) send(request, response, given)
}

/** Undefined if the client went away while it sent its form. */
async function answerTo(core: Inspector, request: Request): Promise<Answer | undefined> {
  const policy = requirePolicy(request)
  const refusal = core.refusal(
    policy,
    identityOf(request),
    request.headers.host,
    requestOrigin(request.headers),
  )
  if (refusal !== undefined) return refusal
  const { method, path, originalUrl: url, headers } = request
  // Before the body is read: a socket that is gone has no peer any more.
  const identity = identityOf(request)
  const asked = { origin: requestOrigin(headers), hosts: [headers.host, identity.host] }
  if (method === 'POST' && (path === '/explain' || path === '/actions')) {
    const body = await bodyOf(request)
    if (body === 'gone') return undefined
    if (path === '/explain') return core.explain(policy, asked, body.text)
    const contentType = headers['content-type']
    const { site } = asked.origin
    return core.act({ request, identity, contentType, site, body: body.text })
  }
  return core.answer({ method, url, path, policy, etag: headers['if-none-match'], asked })
}

/** `text` is undefined if it is too long. */
type Body = { readonly text: string | undefined } | 'gone'

/** The body as text, even if the application's parser came first. */
function bodyOf(request: Request): Promise<Body> {
  if (request.readableEnded) {
    return Promise.resolve({ text: writtenAgain(request.body) })
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    // By events: leaving an iterator early destroys the connection, and with it the answer.
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY) chunks.push(chunk)
      else resolve({ text: undefined })
    })
    request.on('end', () => resolve({ text: Buffer.concat(chunks).toString('utf8') }))
    request.on('error', () => resolve('gone'))
    request.on('close', () => resolve('gone'))
  })
}

/** Undefined if it is too long, or nested too deeply to be written. */
function writtenAgain(body: unknown): string | undefined {
  try {
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? null)
    return Buffer.byteLength(text) > MAX_BODY ? undefined : text
  } catch {
    return undefined
  }
}

function send(request: Request, response: Response, { status, headers, body }: Answer): void {
  // While the form came in, the application may have answered with a timeout, or the client may
  // have left.
  if (response.headersSent || response.destroyed) {
    if (!Buffer.isBuffer(body)) body.destroy()
    return
  }
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.removeHeader(READABLE_ELSEWHERE)
  // The rest of a form that is too long is not read for ever.
  if (status === 413) response.setHeader('Connection', 'close')
  if (!Buffer.isBuffer(body)) {
    // A viewer that goes away is not an error.
    pipeline(body, response, () => {})
    return
  }
  if (request.method === 'HEAD') response.end()
  else response.end(body)
}
