import type { RawRequest } from '@truehop/identity'
import type { AnswerView, VerdictView } from '../view/view.js'
import type { Verdict } from './verdicts.js'

/** Verdicts kept for one request. */
const MAX_VERDICTS = 8

/** What becomes known of a decision after it was made. */
export interface Known {
  readonly verdicts?: readonly VerdictView[]
  readonly answer?: AnswerView
}

/** What `ServerResponse` has, as far as it is read here. */
interface Response {
  readonly headersSent: boolean
  readonly statusCode: number
  readonly writableFinished: boolean
  once(event: 'close', listener: () => void): unknown
}

/** What an HTTP/2 stream of a server has, as far as it is read here. */
interface Stream {
  readonly sentHeaders: Readonly<Record<string, unknown>> | undefined
  readonly aborted: boolean
  once(event: 'close', listener: () => void): unknown
}

interface Followed {
  verdicts: readonly VerdictView[]
  readonly tell: (known: Known) => void
}

/**
 * Follows the requests whose decisions are kept: what consumers decide about each, and how it is
 * answered. All others cost one entry of a weak map.
 */
export class Aftermath {
  readonly #responses = new WeakMap<object, Response>()
  readonly #followed = new WeakMap<object, Followed>()

  /** Of Node's channel `http.server.request.start`: an HTTP/1 request does not know its response. */
  started({ request, response }: { readonly request: object; readonly response: Response }): void {
    this.#responses.set(request, response)
  }

  /** From now on, `tell` gets what becomes known of the request: all of it that is new, each time. */
  follow(request: RawRequest, tell: (known: Known) => void): void {
    this.#followed.set(request, { verdicts: [], tell })
    const began = performance.now()
    const end = (status: number | undefined, complete: boolean): void =>
      tell({ answer: { status, complete, ms: Math.round(performance.now() - began) } })
    const response = this.#responses.get(request)
    const stream = streamOf(request)
    if (response !== undefined) {
      response.once('close', () => {
        const { headersSent, statusCode, writableFinished } = response
        end(headersSent ? statusCode : undefined, writableFinished)
      })
    } else if (stream !== undefined) {
      stream.once('close', () => end(statusOf(stream), !stream.aborted))
    }
  }

  decided(request: object, verdict: Verdict): void {
    const followed = this.#followed.get(request)
    if (followed === undefined || followed.verdicts.length >= MAX_VERDICTS) return
    followed.verdicts = [...followed.verdicts, verdict]
    followed.tell({ verdicts: followed.verdicts })
  }
}

/** HTTP/2 requests have a stream of their own, which knows the status that was sent. */
function streamOf(request: object): Stream | undefined {
  const stream: unknown = Reflect.get(request, 'stream')
  const isStream = typeof stream === 'object' && stream !== null && 'sentHeaders' in stream
  return isStream ? (stream as Stream) : undefined
}

function statusOf({ sentHeaders }: Stream): number | undefined {
  const status = sentHeaders?.[':status']
  return typeof status === 'number' ? status : undefined
}
