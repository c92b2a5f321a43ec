import { STATUS_CODES } from 'node:http'
import { AllowlistError } from './allowlist-error.js'
import type { AllowlistOptions, ProblemBody } from './options.js'

/** The answer to a refused request, ready to send. */
export interface Refusal {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /**
   * The answer depends on who asks: no cache may give it to somebody else. Matters most for a
   * status that is cacheable by default (RFC 9110 section 15.1), such as 404.
   */
  readonly cacheControl: 'no-store'
}

/** The same answer whatever the reason: entry, list and reason stay on this side. */
export function refusalOf({
  status = 403,
  body,
}: Pick<AllowlistOptions, 'status' | 'body'>): Refusal {
  if (typeof body === 'string') {
    return { status, contentType: 'text/plain; charset=utf-8', body, cacheControl: 'no-store' }
  }
  return {
    status,
    contentType: 'application/problem+json',
    body: problem(status, body),
    cacheControl: 'no-store',
  }
}

/** RFC 9457 section 4.2.1: with `about:blank` the title is the status' own phrase. */
function problem(status: number, body: ProblemBody | undefined): string {
  if (body !== undefined && (typeof body !== 'object' || body === null)) {
    throw new AllowlistError(
      'bad-option',
      'body',
      `expected problem members such as { type, title } or a text, got ${String(body)}`,
    )
  }
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Refused',
    ...body,
    status,
  })
}
