import { UsageError } from '../program/usage-error.js'

/** Maximum size of a snapshot: an inspector that keeps as much as it can sends less. */
const MAX_BYTES = 32 * 1024 * 1024

export interface Asking {
  /** Headers of the request, such as one that authorizes it. */
  readonly headers: readonly (readonly [string, string])[]
  /** Milliseconds for the whole answer. */
  readonly timeout: number
}

/**
 * Where an inspector is mounted, from what a person typed.
 *
 * @throws {UsageError} for anything but an http or https URL without credentials.
 */
export function inspectorUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && `${url.username}${url.password}` !== '') {
    throw new UsageError(
      `${url.host}: credentials do not belong into a URL; write --header 'Authorization: …'`,
    )
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${text} is not the URL of an inspector; write https://HOST/_truehop/`)
  }
  url.search = ''
  url.hash = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/**
 * What an inspector says at this moment, as JSON that nobody has looked at. Rejects with what went
 * wrong, for people.
 */
export async function fetchSnapshot(url: URL, { headers, timeout }: Asking): Promise<unknown> {
  const signal = AbortSignal.timeout(timeout)
  try {
    const response = await fetch(new URL('snapshot.json', url), {
      headers: [['accept', 'application/json'], ...headers.map(([name, value]) => [name, value])],
      // A redirect may lead where nobody asked to go, such as to an internal service whose answer
      // would be shown, and would be sent what authorizes this request.
      redirect: 'manual',
      signal,
    })
    const type = response.headers.get('content-type') ?? ''
    if (!response.ok || !type.startsWith('application/json')) {
      await response.body?.cancel()
      throw new Error(answerText(response.status, type))
    }
    return JSON.parse(await boundedText(response))
  } catch (error) {
    if (signal.aborted) throw new Error(`no answer within ${timeout / 1000} s`)
    throw new Error(reasonOf(error))
  }
}

/** What answers mean here, and what to do about them. */
const ANSWERS: Readonly<Record<number, string>> = {
  400: 'who asks could not be determined under its policy: ask through the proxy in front of it, or send the header that the policy requires by --header',
  403: 'who asks is not in its allow',
  404: 'no inspector is mounted there: write the path that it has, such as /_truehop/',
  421: 'the name is not in its hosts',
}

function answerText(status: number, type: string): string {
  const advice = ANSWERS[status]
  const answer = `it answers ${status} ${type}`.trimEnd()
  return advice === undefined ? answer : `${answer}; ${advice}`
}

async function boundedText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const bytes of body ?? []) {
    size += bytes.length
    if (size > MAX_BYTES) throw new Error(`it sends more than ${MAX_BYTES} bytes`)
    text += decoder.decode(bytes, { stream: true })
  }
  return text + decoder.decode()
}

const CLOSED: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET'])
const CLOSED_ADVICE =
  '; a service that must be sent PROXY headers closes like this: ask through the proxy in front of it'

/** `fetch` says only that it failed, and why in the cause. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'what it sends is not JSON'
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  const isClosed = 'code' in cause && CLOSED.has(cause.code)
  return `${cause.message || error.message}${isClosed ? CLOSED_ADVICE : ''}`
}
