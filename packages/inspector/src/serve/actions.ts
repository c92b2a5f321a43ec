import { randomBytes, timingSafeEqual } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import type { ClientIdentity } from '@truehop/identity'
import type { ActionTargets } from '../options.js'
import type { ActionResult, ActionsView } from '../view/actions.js'
import type { Mask } from '../view/address-mask.js'
import { messageText } from '../view/foreign-text.js'
import { performAction } from './perform-action.js'
import { ActionProblem, type ReadAction, readAction } from './read-action.js'

/** Every action that was asked for, performed or not: an `ActionMessage`. */
export const ACTION_CHANNEL = 'truehop.inspector.action'

export interface ActionMessage {
  /** Node's own request object. */
  readonly request: object
  /** Who asked. */
  readonly identity: ClientIdentity
  readonly action: string
  /** The limit or list. */
  readonly target: string
  /** Whose counts, or which entry. */
  readonly subject: string
  /** One that failed may have been made in part, or be made later. */
  readonly outcome: 'done' | 'refused' | 'failed'
}

/** What a request says besides its body. */
export interface ActionRequest {
  readonly request: object
  readonly identity: ClientIdentity
  readonly contentType: string | undefined
  /** `Sec-Fetch-Site`, which a browser writes and no script can. */
  readonly fetchSite: string | undefined
  /** Undefined if it is too long. */
  readonly body: string | undefined
}

/** Actions that run at the same time. */
const MAX_RUNNING = 8
/** Milliseconds after which an action has failed: the objects are the application's. */
const DEADLINE_MS = 10_000

const actions = channel(ACTION_CHANNEL)

/**
 * What operators may do to limits and lists that the application named, and to nothing else.
 *
 * A browser adds to a request of any site what lets its operator in, the address. So an action has to
 * come from this page: `Sec-Fetch-Site` says so, the content type is one that no form has, and the
 * token is in an answer that no other site can read.
 */
export class Actions {
  readonly #token = randomBytes(24).toString('base64url')
  readonly #targets: ActionTargets
  readonly #mask: Mask
  #running = 0

  constructor(targets: ActionTargets, mask: Mask) {
    this.#targets = targets
    this.#mask = mask
  }

  view(): ActionsView {
    const { limits = {}, lists = {} } = this.#targets
    return { token: this.#token, limits: Object.keys(limits), lists: Object.keys(lists) }
  }

  /** Performs what is asked for, and reports it; a status and what is wrong otherwise. */
  async perform(asked: ActionRequest): Promise<ActionResult> {
    const read = this.#read(asked)
    if (read instanceof ActionProblem) {
      report(asked, undefined, 'refused')
      return { status: read.status, problem: read.message }
    }
    if (this.#running >= MAX_RUNNING) {
      report(asked, read, 'refused')
      return { status: 503, problem: 'Too many actions are running.' }
    }
    this.#running++
    try {
      const by = asked.identity.ip ?? 'unknown'
      const result = await inTime(performAction(this.#targets, read, by, this.#mask))
      report(asked, read, 'done')
      return { status: 200, result }
    } catch (error) {
      report(asked, read, 'failed')
      const isWrong = error instanceof TypeError || error instanceof RangeError
      const message = error instanceof Error ? error.message : String(error)
      return { status: isWrong ? 422 : 502, problem: messageText(message, this.#mask) }
    } finally {
      this.#running--
    }
  }

  #read({ contentType = '', fetchSite, body }: ActionRequest): ReadAction | ActionProblem {
    if (!/^application\/json(;|$)/i.test(contentType)) {
      return new ActionProblem(415, 'An action is sent as application/json.')
    }
    if (fetchSite !== 'same-origin') return new ActionProblem(403, NOT_FROM_HERE)
    if (body === undefined) return new ActionProblem(413, 'The action is too long.')
    const read = readAction(this.#targets, body)
    if (read instanceof ActionProblem) return read
    return isSame(read.token, this.#token)
      ? read
      : new ActionProblem(403, 'The token is not known.')
  }
}

const NOT_FROM_HERE =
  'An action has to come from this page. Browsers say where a request comes from over TLS, and on this machine.'

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), DEADLINE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function report(
  { request, identity }: ActionRequest,
  read: ReadAction | undefined,
  outcome: ActionMessage['outcome'],
): void {
  if (!actions.hasSubscribers) return
  const { action = 'unknown', target = '', subject = '' } = read ?? {}
  actions.publish({ request, identity, action, target, subject, outcome } satisfies ActionMessage)
}
