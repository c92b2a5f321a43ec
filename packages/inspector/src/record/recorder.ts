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
import { Budget } from './budget.js'
import { ClientTable } from './client-table.js'
import { Collapses } from './collapses.js'
import { newInstance } from './instance.js'
import { type Anomaly, type AnomalyMessage, networkOf, type RefusedMessage } from './messages.js'
import { PolicyHistory } from './policy-history.js'
import { Ring } from './ring.js'
import {
  type AllowlistMessage,
  allowlistVerdict,
  type LimitMessage,
  limitVerdict,
} from './verdicts.js'

/** Ordinary decisions a second that are explained and kept; the others are only counted. */
const KEPT_A_SECOND = 50
/** The same for undetermined ones, which ordinary ones must not crowd out, and for anomalies. */
const ODD_A_SECOND = 20
const SHOWN_CLIENTS = 20
/**
 * Places for requests that have been decided and may still turn out to be the inspector's own, so
 * that opening the page pushes nothing out of it.
 */
const PENDING = 16

/** With the policy that decided it: one process may run several applications. */
interface Of<View> {
  readonly policy: Policy | undefined
  view: View
  /** Of the request; undefined for refused connections, which have no request. */
  readonly identity: ClientIdentity | undefined
}

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
  /** Decisions that were only counted. */
  passedOver = 0
  readonly #mask: Mask
  readonly #shownNetwork: Mask
  readonly #keep: number
  readonly #decisions: Ring<Of<DecisionView>>
  readonly #anomalies: Ring<Of<AnomalyView>>
  readonly #activity = new Activity()
  readonly #clients = new ClientTable()
  readonly #collapses: Collapses
  readonly #aftermath = new Aftermath()
  readonly #history = new PolicyHistory()
  readonly #ordinary = new Budget(KEPT_A_SECOND)
  readonly #odd = new Budget(ODD_A_SECOND)
  readonly #oddities = new Budget(ODD_A_SECOND)
  readonly #subscriptions: (readonly [string, (message: unknown) => void])[]
  #id = 0
  #ranked: { readonly at: string; readonly clients: ClientView[] } | undefined

  constructor({ address, keep }: Pick<InspectorSettings, 'address' | 'keep'>) {
    this.#mask = maskFor(address)
    this.#shownNetwork = networkMaskFor(address)
    this.#collapses = new Collapses(this.#mask)
    this.#keep = keep
    this.#decisions = new Ring(keep + PENDING)
    this.#anomalies = new Ring(keep + PENDING)
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
    return viewsOf(this.#kept(this.#decisions), policy).filter(({ changed }) => changed > after)
  }

  /** Leaves a request out of what is shown: viewers would see mostly their own. */
  hide(identity: ClientIdentity): void {
    const now = Date.now()
    this.#ranked = undefined
    this.#activity.countResolved(now, -1)
    if (identity.status === 'resolved') this.#clients.uncountRequest(networkOf(identity))
    for (const decided of this.#decisions.values()) {
      if (decided.identity !== identity) continue
      this.#decisions.remove(decided)
      this.#ordinary.giveBack(now)
    }
    for (const anomaly of this.#anomalies.values()) {
      if (anomaly.identity !== identity) continue
      this.#anomalies.remove(anomaly)
      this.#activity.countAnomaly(anomaly.view.kind, now, -1)
    }
  }

  anomalies(policy: Policy, after: number): AnomalyView[] {
    return viewsOf(this.#kept(this.#anomalies), policy).filter(({ id }) => id > after)
  }

  #kept<View>(ring: Ring<Of<View>>): Of<View>[] {
    return ring.values().slice(-this.#keep)
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
    if (!(isResolved ? this.#ordinary : this.#odd).take(now)) {
      this.passedOver++
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
    const held: Of<DecisionView> = { policy, view, identity }
    this.#decisions.add(held)
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
    if (!this.#oddities.take(at)) return
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
    this.#anomalies.add({ policy, view, identity })
  }
}

function viewsOf<View>(held: readonly Of<View>[], policy: Policy): View[] {
  return held
    .filter((of) => of.policy === undefined || of.policy === policy)
    .map(({ view }) => view)
}
