/** An answer as RFC 9457 (problem details) has it, ready to send. */
export interface Problem {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** The answer depends on who asks: no cache may give it to somebody else. */
  readonly cacheControl: string
}

/**
 * The answer to a request whose client cannot be named. The same for every reason: addresses,
 * header text and the reason are for the log, not for whoever sent them.
 */
export const UNDETERMINED_PROBLEM: Problem = Object.freeze({
  status: 400,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'The client of this request could not be determined.',
  }),
  cacheControl: 'no-store',
})
