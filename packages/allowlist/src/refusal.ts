import { type Problem, type ProblemMembers, problem } from '@truehop/identity/adapter'

/**
 * The answer to a refused request, ready to send. The same answer whatever the reason: entry, list
 * and reason stay on the server.
 */
export function refusalOf({
  status,
  body,
}: {
  readonly status: number
  readonly body: ProblemMembers | string | undefined
}): Problem {
  if (typeof body !== 'string') return problem(status, body)
  return { status, contentType: 'text/plain; charset=utf-8', body, cacheControl: 'no-store' }
}
