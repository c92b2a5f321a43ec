import type { Readable } from 'node:stream'
import { problem } from '@truehop/identity/adapter'

/** What a framework adapter sends. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | Readable
}

/**
 * Only the page's own files run, nothing may frame it, and it sends only to this server: a header
 * that got through as markup would not be executed.
 */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const

/**
 * Left out of every answer: an application that lets every site read its answers (CORS) would let it
 * read these with an operator's address.
 */
export const READABLE_ELSEWHERE = 'access-control-allow-origin'

export function answer(
  status: number,
  type: string,
  body: Buffer | Readable,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const caching = { 'cache-control': 'no-store', ...headers }
  return { status, headers: { ...SECURITY, 'content-type': type, ...caching }, body }
}

export function json(status: number, value: unknown): Answer {
  return answer(status, 'application/json', Buffer.from(JSON.stringify(value)))
}

/** A problem with the headers of every answer of the page. */
export function problemAnswer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  detail?: string,
): Answer {
  const { contentType, body } = problem(status, { detail })
  return answer(status, contentType, Buffer.from(body), headers)
}
