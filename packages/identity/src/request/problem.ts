import { STATUS_CODES } from 'node:http'

/** An answer in the form of RFC 9457 (problem details), ready to send. */
export interface Problem {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /**
   * The answer depends on the client: no cache may give it to another. Matters most for a
   * status that is cacheable by default (RFC 9110 section 15.1), such as 404.
   */
  readonly cacheControl: 'no-store'
}

/** Members of the problem details (RFC 9457 section 3) and extensions. */
export interface ProblemMembers {
  readonly type?: string | undefined
  readonly title?: string | undefined
  readonly detail?: string | undefined
  readonly instance?: string | undefined
  readonly [extension: string]: unknown
}

/** The problem of a status. Without a `type` its title is the status' own phrase (section 4.2.1). */
export function problem(status: number, members: ProblemMembers = {}): Problem {
  const standard = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Refused', status }
  return Object.freeze({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ ...standard, ...members, status }),
    cacheControl: 'no-store',
  })
}

/**
 * The answer to a request whose client cannot be named. The same for every reason: addresses,
 * header text and the reason are for the log, not for the sender.
 */
export const UNDETERMINED_PROBLEM: Problem = problem(400, {
  detail: 'The client of this request could not be determined.',
})

/** Express's response, and Node's own. */
export interface NodeResponse {
  statusCode: number
  readonly headersSent: boolean
  setHeader(name: string, value: string): unknown
  end(body: Buffer): unknown
}

/** Fastify's reply. */
export interface FastifyResponse {
  readonly sent: boolean
  code(status: number): unknown
  header(name: string, value: string): unknown
  send(body: Buffer): unknown
}

/**
 * Answers with a problem; does nothing if the request has already been answered, for example by a
 * timeout. Headers that the response has stay.
 */
export function sendProblem(response: NodeResponse | FastifyResponse, answer: Problem): void {
  // As bytes: Fastify would add a charset to a string, which application/problem+json does not
  // have.
  const body = Buffer.from(answer.body)
  if ('send' in response && 'code' in response) {
    if (response.sent) return
    response.code(answer.status)
    response.header('cache-control', answer.cacheControl)
    response.header('content-type', answer.contentType)
    response.send(body)
    return
  }
  const { headersSent } = response
  if (headersSent) return
  response.statusCode = answer.status
  response.setHeader('Content-Type', answer.contentType)
  response.setHeader('Cache-Control', answer.cacheControl)
  response.end(body)
}
