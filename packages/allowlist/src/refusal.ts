import { type Problem, problem } from '@truehop/identity/adapter'
import { AllowlistError } from './allowlist-error.js'
import type { AllowlistOptions } from './options.js'

/**
 * The answer to a refused request, ready to send. The same answer whatever the reason: entry, list
 * and reason stay on this side.
 */
export function refusalOf({
  status = 403,
  body,
}: Pick<AllowlistOptions, 'status' | 'body'>): Problem {
  if (typeof body === 'string') {
    return { status, contentType: 'text/plain; charset=utf-8', body, cacheControl: 'no-store' }
  }
  if (body === undefined) return problem(status)
  if (typeof body === 'object' && body !== null) return problem(status, body)
  throw new AllowlistError(
    'bad-option',
    'body',
    `expected problem members such as { type, title } or a text, got ${String(body)}`,
  )
}
