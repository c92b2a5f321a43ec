import { channel } from 'node:diagnostics_channel'
import type { ClientIdentity } from '@truehop/identity'
import type { ActionTargets } from '../options.js'
import type { ActionResult, ActionsView } from '../view/actions.js'
import { type AddressSetting, type Mask, maskFor, networkMaskFor } from '../view/address-mask.js'
import { messageText } from '../view/foreign-text.js'
import { inTime, LATE } from './in-time.js'
import { type EntryMasks, performAction } from './perform-action.js'
import { ActionProblem, type ReadAction, readAction } from './read-action.js'
import { ShownEntries } from './shown-entries.js'
import { Token } from './token.js'

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
  /**
   * One that failed may have been made in part. One that is `overdue` was not answered in time, and is
   * reported again when it ends, if it does.
   */
  readonly outcome: 'done' | 'refused' | 'failed' | 'overdue'
  /** Whether it ended after it was overdue, when whoever asked had another answer. */
  readonly late: boolean
}

/** What a request says besides its body. */
export interface ActionRequest {
  readonly request: object
  readonly identity: ClientIdentity
  readonly contentType: string | undefined
  /** `Sec-Fetch-Site`, which a browser writes and no script can. */
  readonly site: string | undefined
  /** Undefined if it is too long. */
  readonly body: string | undefined
}

/** Actions that run at the same time. */
const MAX_RUNNING = 8
/** Milliseconds after which an action is overdue: the objects are the application's. */
const DEADLINE_MS = 10_000
/** Overdue ones that may still end: no more are begun meanwhile. */
const MAX_OVERDUE = 32

const actions = channel(ACTION_CHANNEL)

/**
 * What operators may do to limits and lists that the application named, and to nothing else.
 *
 * A browser adds to a request of any site what lets its operator in, the address. So an action has to
 * come from this page: `Sec-Fetch-Site` says so, the content type is one that no form has, and the
 * token is in an answer that no other site can read.
 */
export class Actions {
  readonly #token = new Token()
  readonly #targets: ActionTargets
  readonly #mask: Mask
  readonly #masks: EntryMasks
  readonly #shown = new ShownEntries()
  #running = 0
  #overdue = 0

  constructor(targets: ActionTargets, address: AddressSetting) {
    this.#targets = targets
    this.#mask = maskFor(address)
    this.#masks = { text: this.#mask, network: networkMaskFor(address), shown: this.#shown }
  }

  view(): ActionsView {
    const { limits = {}, lists = {} } = this.#targets
    return { token: this.#token.text, limits: Object.keys(limits), lists: Object.keys(lists) }
  }

  /** Performs what is asked for, and reports it; a status and what is wrong otherwise. */
  async perform(asked: ActionRequest): Promise<ActionResult> {
    const read = this.#read(asked)
    if (read instanceof ActionProblem) {
      report(asked, undefined, 'refused')
      return { status: read.status, problem: read.message }
    }
    if (this.#running >= MAX_RUNNING || this.#overdue >= MAX_OVERDUE) {
      report(asked, read, 'refused')
      return { status: 503, problem: 'Too many actions are running.' }
    }
    this.#running++
    try {
      return await this.#run(asked, read)
    } catch (error) {
      report(asked, read, 'failed')
      const isWrong = error instanceof TypeError || error instanceof RangeError
      const message = error instanceof Error ? error.message : String(error)
      return { status: isWrong ? 422 : 502, problem: messageText(message, this.#mask) }
    } finally {
      this.#running--
    }
  }

  async #run(asked: ActionRequest, read: ReadAction): Promise<ActionResult> {
    const by = asked.identity.ip ?? 'unknown'
    const { work, ended } = await inTime(DEADLINE_MS, (signal) =>
      performAction(this.#targets, read, by, this.#masks, signal),
    )
    if (ended !== LATE) {
      report(asked, read, 'done')
      return { status: 200, result: ended }
    }
    report(asked, read, 'overdue')
    this.#overdue++
    const settle = (outcome: 'done' | 'failed') => (): void => {
      this.#overdue--
      report(asked, read, outcome, true)
    }
    void work.then(settle('done'), settle('failed'))
    return { status: 504, problem: overdueText(read) }
  }

  #read({ contentType = '', site, body }: ActionRequest): ReadAction | ActionProblem {
    if (!/^application\/json(;|$)/i.test(contentType)) {
      return new ActionProblem(415, 'An action is sent as application/json.')
    }
    if (site !== 'same-origin') return new ActionProblem(403, NOT_FROM_HERE)
    if (body === undefined) return new ActionProblem(413, 'The action is too long.')
    const read = readAction(this.#targets, this.#shown, body)
    if (read instanceof ActionProblem) return read
    return this.#token.equals(read.token) ? read : new ActionProblem(403, 'The token is not known.')
  }
}

const NOT_FROM_HERE =
  'An action has to come from this page. Browsers say where a request comes from over TLS, and on this machine.'

/** What is known of an action that was begun and not answered. */
function overdueText({ action, target }: ReadAction): string {
  const seconds = DEADLINE_MS / 1000
  const said = `Nothing was heard from ‘${target}’ within ${seconds} seconds.`
  if (action === 'peek' || action === 'entries') return said
  return `${said} It is not known whether the change was made, and it may still be: look before you ask again.`
}

function report(
  { request, identity }: ActionRequest,
  read: ReadAction | undefined,
  outcome: ActionMessage['outcome'],
  late = false,
): void {
  if (!actions.hasSubscribers) return
  const { action = 'unknown', target = '', subject = '' } = read ?? {}
  const message = { request, identity, action, target, subject, outcome, late }
  actions.publish(message satisfies ActionMessage)
}
