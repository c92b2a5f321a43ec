import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type ClientIdentity,
  type CollapsedMessage,
  explain,
  type Policy,
  policyOf,
  type ResolvedMessage,
} from '@truehop/identity'
import type { InspectorSettings } from '../options.js'
import { type Mask, maskFor, networkMaskFor, UNMASKED } from '../view/address-mask.js'
import { evidenceText } from '../view/evidence-text.js'
import { listText, messageText, pathText } from '../view/foreign-text.js'
import type {
  AnomalyKind,
  AnomalyView,
  BucketView,
  ClientView,
  CollapseView,
  DecisionView,
  PolicyChangeView,
} from '../view/view.js'
import { walkView } from '../view/walk-view.js'
import { Activity } from './activity.js'
import { Aftermath } from './aftermath.js'
import { ClientTable } from './client-table.js'
import { Collapses } from './collapses.js'
import { newInstance } from './instance.js'
import { type Held, Kept } from './kept.js'
import { type Anomaly, type AnomalyMessage, networkOf, type RefusedMessage } from './messages.js'
import { PolicyHistory } from './policy-history.js'
import {
  type AllowlistMessage,
  allowlistVerdict,
  type LimitMessage,
  limitVerdict,
} from './verdicts.js'

const SHOWN_CLIENTS = 20
/**
 * Listens to what the process decides, from its construction to `close()`. Everything it keeps is
 * bounded and masked before it is kept; in a flood, a few a second are kept and the rest are
 * counted. Headers are looked at and dropped: one that names no address is never kept.
 */
export class Recorder {
  /** Its ids are of this one, and no other. */
  readonly instance = newInstance()
  /** Grows with everything that is recorded. */
  changes = 0
  /** Decisions that were only counted, of all policies. */
  passedOverInAll = 0
  readonly #mask: Mask
  readonly #shownNetwork: Mask
  readonly #keep: number
  /** By policy: one process may run several applications. As long as the policy itself. */
  readonly #apps = new WeakMap<Policy, Kept>()
  /** Refused connections, which no policy has decided. */
  readonly #unread: Kept
  readonly #activity = new Activity()
  readonly #clients = new ClientTable()
  readonly #collapses: Collapses
  readonly #aftermath = new Aftermath()
  readonly #history = new PolicyHistory()
  readonly #subscriptions: (readonly [string, (message: unknown) => void])[]
  #id = 0
  #ranked: { readonly at: string; readonly clients: ClientView[] } | undefined

  constructor({ address, keep }: Pick<InspectorSettings, 'address' | 'keep'>) {
    this.#mask = maskFor(address)
    this.#shownNetwork = networkMaskFor(address)
    this.#collapses = new Collapses(this.#mask)
    this.#keep = keep
    this.#unread = new Kept(keep)
    const anomaly = (kind: AnomalyKind) => (message: unknown) =>
      this.#onAnomaly(kind, message as AnomalyMessage)
    this.#subscriptions = [
      ['truehop.identity.resolved', (message) => this.#onDecision(message as ResolvedMessage)],
      ['truehop.identity.collapsed', (message) => this.#onCollapsed(message as CollapsedMessage)],
      ['truehop.identity.untrusted_claim', anomaly('untrusted-claim')],
      ['truehop.identity.chain_length', anomaly('chain-length')],
      ['truehop.identity.difference', anomaly('difference')],
      ['truehop.proxy_protocol.refused', (message) => this.#onRefused(message as RefusedMessage)],
      ['truehop.rate_limit.decision', (message) => this.#onLimit(message as LimitMessage)],
      ['truehop.allowlist.decision', (message) => this.#onList(message as AllowlistMessage)],
      ['truehop.policy.replaced', (message) => this.#onReplaced(message as { policy: Policy })],
      [
        'http.server.request.start',
        (message) => this.#aftermath.started(message as Parameters<Aftermath['started']>[0]),
      ],
    ]
    for (const [name, listener] of this.#subscriptions) subscribe(name, listener)
  }

  close(): void {
    for (const [name, listener] of this.#subscriptions) unsubscribe(name, listener)
  }

  /** Decided by the policy, and changed after `after`. Oldest first, as in the next method. */
  decisions(policy: Policy, after: number): DecisionView[] {
    const views = this.#apps.get(policy)?.decisionViews() ?? []
    return views.filter(({ changed }) => changed > after)
  }

  /** Decisions of the policy that were only counted. */
  passedOver(policy: Policy): number {
    return this.#apps.get(policy)?.passedOver ?? 0
  }

  /** Leaves a request out of what is shown: viewers would see mostly their own. */
  hide(policy: Policy, identity: ClientIdentity): void {
    const now = Date.now()
    this.#ranked = undefined
    this.#activity.countResolved(now, -1)
    if (identity.status === 'resolved') this.#clients.uncountRequest(networkOf(identity))
    for (const { kind } of this.#apps.get(policy)?.remove(identity, now) ?? []) {
      this.#activity.countAnomaly(kind, now, -1)
    }
  }

  /** As many of each kind as are kept. */
  anomalies(policy: Policy, after: number): AnomalyView[] {
    const own = this.#apps.get(policy)?.anomalyViews() ?? []
    return [...own, ...this.#unread.anomalyViews()]
      .filter(({ id }) => id > after)
      .sort((a, b) => a.id - b.id)
  }

  #app(policy: Policy): Kept {
    const known = this.#apps.get(policy)
    if (known !== undefined) return known
    const made = new Kept(this.#keep)
    this.#apps.set(policy, made)
    return made
  }

  /** What replacements of the policy changed, newest first. */
  history(policy: Policy): readonly PolicyChangeView[] {
    return this.#history.of(policy)
  }

  /** Signs that the policy does not fit its surroundings. */
  collapses(policy: Policy, now: number): CollapseView[] {
    return this.#collapses.of(policy, now)
  }

  /** Of the whole process, as are `clients`. */
  activity(now: number, since: number): BucketView[] {
    return this.#activity.view(now, since)
  }

  /**
   * Ranked once for all pages that are updated together: a thousand networks are masked for that.
   */
  clients(now: number): ClientView[] {
    const at = `${now} ${this.changes}`
    if (this.#ranked?.at !== at) {
      this.#ranked = { at, clients: this.#clients.top(SHOWN_CLIENTS, now, this.#shownNetwork) }
    }
    return this.#ranked.clients
  }

  #onDecision({ request, identity, evidence, policy }: ResolvedMessage): void {
    const now = Date.now()
    this.changes++
    this.#history.see(policy)
    const isResolved = identity.status === 'resolved'
    if (isResolved) {
      this.#activity.countResolved(now)
      this.#clients.countRequest(networkOf(identity))
    } else {
      const { reason, peer, rule } = identity
      this.#addAnomaly({
        kind: 'undetermined',
        what: reason,
        peer,
        detail: rule,
        now,
        policy,
        identity,
      })
    }
    const app = this.#app(policy)
    if (!app.hasRoom(isResolved, now)) {
      this.passedOverInAll++
      return
    }
    const explanation = explain(policy, evidence)
    for (const { source, claims } of explanation.conflicts) {
      const { peer } = identity
      this.#addAnomaly({
        kind: 'conflict',
        what: source,
        peer,
        detail: claims,
        now,
        policy,
        identity,
      })
    }
    const id = ++this.#id
    const view: DecisionView = {
      id,
      changed: id,
      at: now,
      method: listText(request.method ?? '', UNMASKED),
      path: pathText(request.url ?? '', this.#mask),
      walk: walkView(explanation, policy, this.#mask),
      verdicts: [],
      evidence: this.#mask === UNMASKED ? evidenceText(evidence, explanation) : undefined,
    }
    const held: Held<DecisionView> = { view, identity }
    app.decisions.add(held)
    this.#aftermath.follow(request, (known) => {
      this.changes++
      held.view = { ...held.view, ...known, changed: ++this.#id }
    })
  }

  #onAnomaly(kind: AnomalyKind, { request, identity, source }: AnomalyMessage): void {
    const { peer } = identity
    const what = source ?? (kind === 'chain-length' ? `${identity.hops} entries` : 'trust proxy')
    const now = Date.now()
    this.#addAnomaly({ kind, what, peer, now, policy: policyOf(request), identity })
  }

  #onCollapsed(message: CollapsedMessage): void {
    this.changes++
    this.#collapses.add(message, Date.now())
  }

  #onRefused({ refusal: { reason, peer, message } }: RefusedMessage): void {
    this.#addAnomaly({ kind: 'refused', what: reason, peer, detail: message, now: Date.now() })
  }

  #onLimit(message: LimitMessage): void {
    const { client, allowed, standings } = message.decision
    const now = Date.now()
    this.changes++
    if (!allowed) this.#activity.countRefusal('limited', now)
    this.#clients.countDecision(client, allowed, standings, now)
    this.#aftermath.decided(message.request, limitVerdict(message, this.#mask))
  }

  #onList(message: AllowlistMessage): void {
    const { allowed, enforced } = message.decision
    this.changes++
    if (!allowed && enforced) this.#activity.countRefusal('denied', Date.now())
    this.#aftermath.decided(message.request, allowlistVerdict(message, this.#mask))
  }

  #onReplaced({ policy }: { readonly policy: Policy }): void {
    this.changes++
    this.#history.replaced(policy)
  }

  #addAnomaly(anomaly: Anomaly): void {
    const { kind, what, peer, detail, now: at, policy, identity } = anomaly
    this.changes++
    this.#activity.countAnomaly(kind, at)
    const kept = policy === undefined ? this.#unread : this.#app(policy)
    if (!kept.hasRoomForAnomaly(kind, at)) return
    const show = (text: string | undefined) =>
      text === undefined ? undefined : messageText(text, this.#mask)
    const view = {
      id: ++this.#id,
      at,
      kind,
      what: listText(what, UNMASKED),
      peer: show(peer),
      detail: show(detail),
    }
    kept.addAnomaly({ view, identity })
  }
}
