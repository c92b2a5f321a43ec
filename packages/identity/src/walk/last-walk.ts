import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { Policy } from '../policy/policy.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import type { Evidence } from './evidence.js'
import type { ClientIdentity } from './identity.js'
import { Resolved } from './outcome.js'
import { type Found, Position, type Walked } from './position.js'
import { resolve } from './resolve.js'
import { walk } from './walk.js'

const LAST_WALK = Symbol('truehop.last-walk')

interface Connection {
  [LAST_WALK]?: LastWalk
}

/** Longer header text is walked again rather than kept for as long as the connection lives. */
const MAX_TEXT = 512

/**
 * As `resolve`, and remembers on `connection` what the walk found. Where further requests on it
 * come with the same evidence, the same is found without walking.
 *
 * The walk reads the policy, the peer, the PROXY headers and the headers that the policy names,
 * and nothing else: with the same of all of these it can only come to the same end. Ranges that
 * live, policies that look for contradictions in further headers, and truncated headers are walked
 * every time.
 */
export function resolveAgain(
  policy: Policy,
  evidence: Evidence,
  connection: Connection | undefined,
): ClientIdentity {
  const { current } = policy
  if (connection === undefined || !isRepeatable(current, evidence)) return resolve(policy, evidence)
  const last = connection[LAST_WALK]
  if (last?.isFor(current, evidence) !== true) {
    const texts = textsOf(current, evidence)
    if (last === undefined) connection[LAST_WALK] = new LastWalk(current, evidence, texts)
    else last.set(current, evidence, texts)
    return resolve(policy, evidence)
  }
  const repeated = last.repeatedFor(evidence)
  if (repeated !== undefined) return repeated
  const identity = resolve(policy, evidence)
  if (identity instanceof Resolved) last.remember(identity)
  return identity
}

/** Where lines are missing, the same text need not be the text of the same hop. */
function isRepeatable(policy: PolicySnapshot, { headersTruncated }: Evidence): boolean {
  return !policy.hasLiveRanges && policy.onConflict === 'ignore' && headersTruncated !== true
}

/** Header text by slot: what the walk may have read. */
type Texts = readonly (string | undefined)[]

/** Undefined where the headers are not worth keeping. */
function textsOf(policy: PolicySnapshot, { headers }: Evidence): Texts | undefined {
  const { asserted } = policy
  const texts = new Array<string | undefined>(asserted.length)
  for (let slot = 0; slot < asserted.length; slot++) {
    const text = headers?.[asserted[slot] ?? '']
    if (text !== undefined && (typeof text !== 'string' || text.length > MAX_TEXT)) return undefined
    texts[slot] = text
  }
  return texts
}

/**
 * What the last walk of a connection was given, and what it found; nothing else of its request.
 * One object for each connection. What was found is kept when the same evidence comes a second
 * time: behind a load balancer that seldom happens, and the first time shall cost little.
 */
class LastWalk {
  private policy: PolicySnapshot
  private peer: string | undefined
  private peerPort: number | undefined
  private proxyHeaders: Evidence['proxyHeaders']
  private received: boolean | undefined
  private texts: Texts | undefined
  private found: Found | undefined
  private lastProxyHeader: ProxyHeader | undefined

  constructor(policy: PolicySnapshot, evidence: Evidence, texts: Texts | undefined) {
    this.policy = policy
    this.peer = evidence.peer
    this.peerPort = evidence.peerPort
    this.proxyHeaders = evidence.proxyHeaders
    this.received = evidence.received
    this.texts = texts
    this.found = undefined
    this.lastProxyHeader = undefined
  }

  set(policy: PolicySnapshot, evidence: Evidence, texts: Texts | undefined): void {
    this.policy = policy
    this.peer = evidence.peer
    this.peerPort = evidence.peerPort
    this.proxyHeaders = evidence.proxyHeaders
    this.received = evidence.received
    this.texts = texts
    this.found = undefined
  }

  /** Keeps the answer to the evidence that is set. Not the identity: it holds on to its request. */
  remember({ found, lastProxyHeader }: Resolved): void {
    this.found = found
    this.lastProxyHeader = lastProxyHeader
  }

  isFor(policy: PolicySnapshot, evidence: Evidence): boolean {
    return (
      policy === this.policy &&
      evidence.peer === this.peer &&
      evidence.peerPort === this.peerPort &&
      evidence.proxyHeaders === this.proxyHeaders &&
      evidence.received === this.received &&
      this.hasSameTexts(evidence)
    )
  }

  /** An identity of its own: its scheme and host are those of its request. */
  repeatedFor(evidence: Evidence): Resolved | undefined {
    const { found, texts } = this
    if (found === undefined || texts === undefined) return undefined
    const walked = new RepeatedWalk(this.policy, evidence, texts, this.lastProxyHeader)
    return new Resolved(walked, found)
  }

  private hasSameTexts({ headers }: Evidence): boolean {
    const { texts } = this
    if (texts === undefined) return false
    const { asserted } = this.policy
    for (let slot = 0; slot < asserted.length; slot++) {
      if (headers?.[asserted[slot] ?? ''] !== texts[slot]) return false
    }
    return true
  }
}

/** A walk that is known to come to the same end, and is repeated when its steps are needed. */
class RepeatedWalk implements Walked {
  private readonly policy: PolicySnapshot
  private readonly evidence: Evidence
  private readonly texts: Texts
  readonly lastProxyHeader: ProxyHeader | undefined
  private walked: Position | undefined

  constructor(
    policy: PolicySnapshot,
    evidence: Evidence,
    texts: Texts,
    lastProxyHeader: ProxyHeader | undefined,
  ) {
    this.policy = policy
    this.evidence = evidence
    this.texts = texts
    this.lastProxyHeader = lastProxyHeader
    this.walked = undefined
  }

  end(): Position {
    this.walked ??= this.walkAgain()
    return this.walked
  }

  private walkAgain(): Position {
    // The strings that were compared, even if the request's headers have been changed since.
    const walked = Object.fromEntries(this.policy.asserted.map((name, i) => [name, this.texts[i]]))
    const headers = { ...this.evidence.headers, ...walked }
    const at = new Position({ ...this.evidence, headers }, this.policy)
    walk(this.policy, at)
    return at
  }
}
