import { headerText } from '@truehop/forwarded'
import type { Evidence } from '../walk/evidence.js'
import type { ClientIdentity, ResolvedIdentity } from '../walk/identity.js'
import { DistinctCount } from './distinct-count.js'
import { infrastructureOf, isPrivateText } from './infrastructure.js'
import { Sampling } from './sampling.js'
import { isCorroborated, platformMarked, unreadNeighbour } from './unread-neighbour.js'

/** Decisions that are judged together. */
export const WINDOW = 200
/** Milliseconds of silence after an alarm of one kind. */
const SILENCE = 3_600_000
/** Clients that count as few. */
const FEW = 4
/** Other parties, named by the unread part, that count as many. */
const MANY = 50

/**
 * - `one-for-many`: the decided client is one of a few addresses, while what the walk left unread
 * names many parties.
 * - `infrastructure`: the decided client is part of a platform, not a visitor.
 * - `header-stopped`: peers whose header a rule reads have stopped sending it.
 */
export type CollapseKind = 'one-for-many' | 'infrastructure' | 'header-stopped'

/** What an alarm says. */
export interface Collapse {
  readonly kind: CollapseKind
  /** A client that was decided, if the alarm is about clients. */
  readonly client?: string | undefined
  /** The rule at which the walks ended, if one applied. */
  readonly rule?: string | undefined
  /** Figures of the window: `{ decisions: 200, clients: 1, others: 187 }`. */
  readonly seen: Readonly<Record<string, number>>
  /** What to write instead. */
  readonly advice: string
}

/**
 * Notices that a policy does not fit its surroundings: every visitor comes out as one address of
 * the platform, so that all share one rate limit and every log shows one address.
 *
 * Judges windows of 200 decisions, of a busy service a sample of them, and keeps counts of them, and
 * only one address. What a client writes proves nothing, and everything left of a client's own entry
 * may be its own text: one attacker who forges a new entry with each request looks like a platform
 * with many visitors. So many names alone are not enough. They count if something else supports them:
 * the platform's own header names the same party, the decided address is known infrastructure or
 * private, or the names come back, as visitors do. An attacker who does all that causes no more than
 * a log line.
 */
export class CollapseAlarm {
  readonly #tell: (collapse: Collapse) => void
  readonly #now: () => number
  readonly #clients = new DistinctCount()
  readonly #others = new DistinctCount()
  readonly #agents = new DistinctCount()
  readonly #silentUntil = new Map<CollapseKind, number>()
  readonly #sampling: Sampling
  #window = emptyWindow()
  /** Rules whose header nearly every decision of an earlier window had. */
  readonly #sending = new Set<string>()

  constructor(tell: (collapse: Collapse) => void, now: () => number = () => performance.now()) {
    this.#tell = tell
    this.#now = now
    this.#sampling = new Sampling(now())
  }

  /** One decision and the evidence for it. Constant time; never throws on evidence. */
  observe(identity: ClientIdentity, evidence: Evidence): void {
    if (identity.status === 'undetermined' || !this.#sampling.takes()) return
    const window = this.#window
    window.decisions++
    window.last = identity
    this.#clients.add(identity.ip)
    this.#countNeighbour(identity, evidence)
    const platform = infrastructureOf(identity.address)
    if (platform !== undefined)
      window.infrastructure.set(platform, 1 + (window.infrastructure.get(platform) ?? 0))
    if (identity.reason === 'header-missing') {
      window.missing++
      this.#agents.add(`${headerText(evidence.headers?.['user-agent']) ?? ''}`)
    }
    if (window.decisions === WINDOW) this.#judge(platformMarked(evidence))
  }

  #countNeighbour(identity: ResolvedIdentity, evidence: Evidence): void {
    const neighbour = unreadNeighbour(identity, evidence)
    if (neighbour === undefined) return
    this.#window.unread++
    this.#others.add(neighbour)
    if (isCorroborated(neighbour, evidence)) this.#window.corroborated++
  }

  /** `marked`: the platform that a header suggests; only for the advice. */
  #judge(marked: string | undefined): void {
    const window = this.#window
    const { last, decisions } = window
    const figures = { decisions, clients: this.#clients.distinct, others: this.#others.distinct }
    if (last !== undefined) {
      const [platform, inside] = mostOf(window.infrastructure)
      if (inside * 10 >= decisions * 9 && this.#isTelling(platform, window)) {
        this.#raise({
          kind: 'infrastructure',
          client: last.ip,
          rule: last.rule,
          seen: { ...figures, inside },
          advice: adviceFor(marked ?? platform),
        })
      } else if (this.#isOneForMany(window)) {
        this.#raise({
          kind: 'one-for-many',
          client: last.ip,
          rule: last.rule,
          seen: figures,
          advice: adviceFor(marked ?? platform),
        })
      }
      this.#judgeMissing(last, figures)
    }
    this.#sampling.came(decisions, this.#now())
    this.#window = emptyWindow()
    this.#clients.clear()
    this.#others.clear()
    this.#agents.clear()
  }

  /**
   * Addresses inside a cluster are clients too: probes of a node, calls from other pods. There it
   * means something only if a proxy named them, and named few.
   */
  #isTelling(platform: string, { last }: Window): boolean {
    if (platform !== 'k3s') return true
    const isNamed = last !== undefined && last.hops > 0 && last.reason !== 'header-missing'
    return isNamed && this.#clients.distinct <= FEW
  }

  #isOneForMany(window: Window): boolean {
    const { unread, corroborated, last, decisions } = window
    if (this.#clients.distinct > FEW || unread * 2 < decisions) return false
    if (this.#others.distinct < MANY) return false
    const cameBack = this.#others.repeated * 5 >= this.#others.distinct
    const isPrivate = last !== undefined && isPrivateText(last.ip)
    return corroborated * 2 >= unread || cameBack || isPrivate
  }

  /** At night only health checks come, without a header: those have one user agent. */
  #judgeMissing(last: ResolvedIdentity, figures: Readonly<Record<string, number>>): void {
    const { missing, decisions } = this.#window
    const { rule } = last
    if (rule === undefined) return
    if (missing * 10 <= decisions) this.#sending.add(rule)
    const stopped = missing * 10 >= decisions * 9 && this.#agents.distinct > FEW
    if (!stopped || !this.#sending.delete(rule)) return
    this.#raise({
      kind: 'header-stopped',
      client: last.ip,
      rule,
      seen: { ...figures, missing },
      advice: `peers that rule ${rule} trusts no longer send its header: check their configuration, and write required: true so that they are not taken for clients`,
    })
  }

  #raise(collapse: Collapse): void {
    const now = this.#now()
    if ((this.#silentUntil.get(collapse.kind) ?? 0) > now) return
    this.#silentUntil.set(collapse.kind, now + SILENCE)
    this.#tell(collapse)
  }
}

interface Window {
  decisions: number
  /** Decisions with an element that the walk left unread. */
  unread: number
  /** Of those, decisions for which a platform's own header names the same party. */
  corroborated: number
  /** Trusted peers without their header. */
  missing: number
  /** Clients in the ranges of a platform, by platform. */
  readonly infrastructure: Map<string, number>
  last: ResolvedIdentity | undefined
}

function emptyWindow(): Window {
  return {
    decisions: 0,
    unread: 0,
    corroborated: 0,
    missing: 0,
    infrastructure: new Map(),
    last: undefined,
  }
}

function mostOf(counts: ReadonlyMap<string, number>): [platform: string, count: number] {
  return [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['', 0]
}

function adviceFor(platform: string): string {
  if (platform === 'docker') {
    return "the address is lost at Docker's bridge before anything could write it: publish the port without the userland proxy, or write { platform: 'docker' } to make such requests undetermined"
  }
  if (platform === 'k3s') {
    return 'the address is lost in the cluster before anything could write it: set externalTrafficPolicy: Local on the service of the ingress'
  }
  if (platform !== '')
    return `write { platform: '${platform}' } for what is in front, see docs/platforms`
  return 'a hop in front of the service is not in the policy: name it with { platform: … }, or add its addresses to the rule, see docs/platforms'
}
