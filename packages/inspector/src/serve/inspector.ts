import type { ClientIdentity, Policy } from '@truehop/identity'
import type { Metrics } from '@truehop/ip/internal'
import type { InspectorOptions, InspectorSettings } from '../options.js'
import { inspectorSettings } from '../read-options.js'
import { Recorder } from '../record/recorder.js'
import type { ActionsView } from '../view/actions.js'
import type { Snapshot } from '../view/view.js'
import { type ActionRequest, Actions } from './actions.js'
import { type Answer, answer, json, problemAnswer } from './answer.js'
import { decisionsCsv } from './decisions-csv.js'
import { type Admission, InspectorMetrics } from './inspector-metrics.js'
import { addInspector, removeInspector } from './open-inspectors.js'
import { type PageFile, pageFiles } from './page-files.js'
import { isFromOtherSite, type RequestOrigin } from './request-origin.js'
import { Token } from './token.js'
import { tryEvidence } from './trial.js'
import { snapshotOf } from './update.js'
import { Viewers } from './viewers.js'

/** Maximum number of bytes in a form. */
export const MAX_BODY = 65_536

/** For operators: shown only to clients that `allow` names. */
const UNKNOWN_HOST =
  "The inspector is not served under this name. Add it to the option hosts: hosts: ['ops.example.com']."

/** For whoever is behind a proxy that gives the service another name than the browser has. */
const OTHER_SITE =
  'Another site asked for this. If it was this page, have the proxy in front pass the Host header on.'

const NO_TICKET = 'The stream is for this page: it needs the ticket that GET …/ticket returns.'

/** Not missing: a page that asks would have a browser report an error. */
const NO_ACTIONS: ActionsView = { token: '', limits: [], lists: [] }

/** A request to the inspector, in any framework. */
export interface Question {
  readonly method: string
  /** As written by the client. */
  readonly url: string
  /** Below the mount point: `/`, `/inspector.js`. */
  readonly path: string
  readonly policy: Policy
  /** Of `If-None-Match`. */
  readonly etag?: string | undefined
  readonly asked: Asked
}

/** Who asks, as far as the browser says it, and under which names. */
export interface Asked {
  readonly origin: RequestOrigin
  readonly hosts: readonly (string | undefined)[]
}

/**
 * The inspector without a framework. From its construction to `close()` it records what the
 * process decides, for the pages that it serves.
 */
export class Inspector {
  /** For `observe` of `@truehop/identity/opentelemetry`. */
  readonly metrics: readonly Metrics[]
  readonly #counts: InspectorMetrics
  readonly #settings: InspectorSettings
  readonly #recorder: Recorder
  readonly #viewers: Viewers
  readonly #actions: Actions | undefined
  readonly #files = pageFiles()
  readonly #ticket = new Token()

  /** @throws {InspectorError} for bad options, and if the page has not been built. */
  constructor(options: InspectorOptions) {
    this.#settings = inspectorSettings(options)
    const { actions, address } = this.#settings
    this.#actions = actions && new Actions(actions, address)
    this.#recorder = new Recorder(this.#settings)
    this.#viewers = new Viewers(this.#recorder, this.#settings)
    this.#counts = new InspectorMetrics(this.#viewers, this.#recorder)
    this.metrics = [this.#counts]
    addInspector(this)
  }

  /**
   * The answer to a client that may see nothing here, undefined for one that may. An undetermined
   * client may not. The same for every client, and given before existing paths are distinguished
   * from missing ones.
   *
   * `authority` is the request's own `Host` or `:authority`: a script can make the browser send any
   * other header that a trusted hop would write, but not this one.
   */
  refusal(
    policy: Policy,
    identity: ClientIdentity,
    authority: string | undefined,
    origin: RequestOrigin,
  ): Answer | undefined {
    const admission = this.#admission(policy, identity, authority)
    if (admission === 'admitted') {
      // Refused where it is answered: an action that another site asks for is also recorded.
      const isOther = isFromOtherSite(origin, [authority, identity.host])
      this.#counts.count(isOther ? 'other-site' : 'admitted')
      return undefined
    }
    this.#counts.count(admission)
    return admission === 'unknown-host' ? problemAnswer(421, {}, UNKNOWN_HOST) : problemAnswer(403)
  }

  #admission(policy: Policy, identity: ClientIdentity, authority: string | undefined): Admission {
    if (identity.status === 'undetermined') return 'undetermined'
    if (!this.#settings.allow.has(identity.address)) return 'not-in-allow'
    this.#recorder.hide(policy, identity)
    const isKnown = [authority, identity.host].every((host) => this.#isKnown(host))
    return isKnown ? 'admitted' : 'unknown-host'
  }

  /** A browser always sends the host it asks for. */
  #isKnown(host: string | undefined): boolean {
    return host === undefined || this.#settings.hosts.has(host)
  }

  /** The answer to everything but the form. */
  answer({ method, url, path, policy, etag, asked }: Question): Answer {
    if (isFromOtherSite(asked.origin, asked.hosts)) return problemAnswer(403, {}, OTHER_SITE)
    const [pathname = '', query = ''] = url.split('?', 2)
    const allow = path === '/explain' ? 'POST' : path === '/actions' ? 'GET, POST' : 'GET, HEAD'
    if (!allow.split(', ').includes(method)) return problemAnswer(405, { allow })
    if (path === '/events' && method === 'GET') return this.#events(policy, query, asked)
    if (path === '/ticket') return json(200, { ticket: this.#ticket.text })
    if (path === '/actions') return json(200, this.#actions?.view() ?? NO_ACTIONS)
    if (path === '/snapshot.json') return json(200, this.#snapshot(policy))
    if (path === '/decisions.csv') return this.#csv(policy)
    if (path === '/' && !pathname.endsWith('/')) return toFolder(pathname)
    const file = this.#files.get(path === '/' ? 'index.html' : path.slice(1))
    return file === undefined ? problemAnswer(404) : fileAnswer(file, etag)
  }

  /** The answer to the form; undefined for a body that is longer than `MAX_BODY`. */
  explain(policy: Policy, { origin, hosts }: Asked, body: string | undefined): Answer {
    if (isFromOtherSite(origin, hosts)) return problemAnswer(403, {}, OTHER_SITE)
    if (body === undefined) return problemAnswer(413)
    try {
      return json(200, tryEvidence(policy, JSON.parse(body)))
    } catch (error) {
      if (error instanceof SyntaxError) return problemAnswer(400)
      throw error
    }
  }

  /** Performs an action, or says why not; 404 where the application names none. */
  async act(asked: ActionRequest): Promise<Answer> {
    if (this.#actions === undefined) return problemAnswer(404)
    const done = await this.#actions.perform(asked)
    return 'result' in done ? json(200, done.result) : problemAnswer(done.status, {}, done.problem)
  }

  /** Stops recording and ends the streams, so that a server can close. */
  close(): void {
    removeInspector(this)
    this.#recorder.close()
    this.#viewers.close()
  }

  #snapshot(policy: Policy): Snapshot {
    return snapshotOf(this.#recorder, this.#settings, policy)
  }

  #csv(policy: Policy): Answer {
    const text = decisionsCsv(this.#snapshot(policy).decisions)
    const name = 'attachment; filename="decisions.csv"'
    return answer(200, 'text/csv; charset=utf-8; header=present', Buffer.from(text), {
      'content-disposition': name,
    })
  }

  /**
   * Places are few, and any site could take them all with an operator's browser. A browser that says
   * where it asks from has to ask from this page. One that does not, over plain HTTP, has to bring
   * the ticket, which other sites cannot read.
   */
  #events(policy: Policy, query: string, { origin: { site } }: Asked): Answer {
    const ticket = new URLSearchParams(query).get('ticket') ?? ''
    const isOurs = site === undefined ? this.#ticket.equals(ticket) : site === 'same-origin'
    if (!isOurs) return problemAnswer(403, {}, NO_TICKET)
    const stream = this.#viewers.open(policy)
    if (stream === undefined) return problemAnswer(503, { 'retry-after': '10' })
    const headers = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' }
    return answer(200, 'text/event-stream', stream, headers)
  }
}

/** Revalidated each time, since the names stay the same when the files change. */
function fileAnswer({ type, body, etag }: PageFile, known: string | undefined): Answer {
  const headers = { 'cache-control': 'private, no-cache', etag }
  return known === etag
    ? answer(304, type, Buffer.alloc(0), headers)
    : answer(200, type, body, headers)
}

/** The page names its files relative to itself, so that proxies may mount it elsewhere. */
function toFolder(pathname: string): Answer {
  const location = `./${pathname.slice(pathname.lastIndexOf('/') + 1)}/`
  return answer(308, 'text/plain', Buffer.alloc(0), { location })
}
