import type { PolicySnapshot } from '../policy/snapshot.js'
import type { Evidence } from './evidence.js'
import type { Position } from './position.js'
import { walk } from './walk.js'

const LAST_WALK = Symbol('truehop.last-walk')

interface Connection {
  [LAST_WALK]?: LastWalk
}

/**
 * With longer headers the walk is repeated, rather than keep the text for as long as the connection
 * lives.
 */
const MAX_TEXT = 512

/**
 * Requests in a row with other evidence than the one before. A connection that brings so many is a
 * proxy's, with many clients: to compare each of them would cost more than it saves.
 */
const MAX_OTHERS = 32

/**
 * Like `walk`, and remembers on `connection` how the walk ended. For further requests on it with
 * the same evidence, it gives the same ending without walking.
 *
 * The walk reads the policy, the peer, the PROXY headers and the headers that the policy names, and
 * nothing else: if all of these are the same, it can only end the same way. Live ranges and
 * truncated headers are walked every time.
 *
 * An ending is kept when the same evidence comes a second time: behind a load balancer that seldom
 * happens, and the first time should cost little. After many clients on one connection it is no
 * longer tried there.
 */
export function walkAgain(
  policy: PolicySnapshot,
  evidence: Evidence,
  connection: Connection | undefined,
): Position {
  const last = lastWalkWith(policy, evidence, connection)
  if (last?.ending !== undefined) return last.ending
  const ending = walk(policy, evidence)
  if (last !== undefined) last.ending = ending
  return ending
}

/** The last walk of the connection if it had this evidence; if not, the next one will know it. */
function lastWalkWith(
  policy: PolicySnapshot,
  evidence: Evidence,
  connection: Connection | undefined,
): LastWalk | undefined {
  if (connection === undefined || !isRepeatable(policy, evidence)) return undefined
  const last = connection[LAST_WALK]
  if (last === undefined) connection[LAST_WALK] = new LastWalk(policy, evidence)
  else if (last.others === MAX_OTHERS) return undefined
  else if (last.hadSame(policy, evidence)) {
    last.others = 0
    return last
  } else last.set(policy, evidence)
  return undefined
}

/** If lines are missing, the same text need not be from the same hop. */
function isRepeatable(policy: PolicySnapshot, { headersTruncated }: Evidence): boolean {
  return !policy.hasLiveRanges && headersTruncated !== true
}

/** Header text by slot: what the walk may have read. */
type Texts = readonly (string | undefined)[]

/** Undefined if the headers are not worth keeping. */
function textsOf({ asserted }: PolicySnapshot, { headers }: Evidence): Texts | undefined {
  const texts = new Array<string | undefined>(asserted.length)
  for (let slot = 0; slot < asserted.length; slot++) {
    const text = headers?.[asserted[slot] ?? '']
    if (text !== undefined && (typeof text !== 'string' || text.length > MAX_TEXT)) return undefined
    texts[slot] = text
  }
  return texts
}

/** The evidence of a connection's last walk, and how it ended; nothing else of its request. */
class LastWalk {
  ending: Position | undefined
  /** Requests in a row with other evidence than the one before. */
  others: number
  private policy: PolicySnapshot
  private peer: string | undefined
  private peerPort: number | undefined
  private proxyHeaders: Evidence['proxyHeaders']
  private received: boolean | undefined
  private texts: Texts | undefined

  constructor(policy: PolicySnapshot, evidence: Evidence) {
    this.ending = undefined
    this.others = 0
    this.policy = policy
    this.peer = evidence.peer
    this.peerPort = evidence.peerPort
    this.proxyHeaders = evidence.proxyHeaders
    this.received = evidence.received
    this.texts = textsOf(policy, evidence)
  }

  /** One object for each connection. */
  set(policy: PolicySnapshot, evidence: Evidence): void {
    this.ending = undefined
    this.others++
    this.policy = policy
    this.peer = evidence.peer
    this.peerPort = evidence.peerPort
    this.proxyHeaders = evidence.proxyHeaders
    this.received = evidence.received
    this.texts = textsOf(policy, evidence)
  }

  hadSame(policy: PolicySnapshot, evidence: Evidence): boolean {
    return (
      policy === this.policy &&
      evidence.peer === this.peer &&
      evidence.peerPort === this.peerPort &&
      evidence.proxyHeaders === this.proxyHeaders &&
      evidence.received === this.received &&
      this.hadSameTexts(evidence)
    )
  }

  private hadSameTexts({ headers }: Evidence): boolean {
    const { texts } = this
    if (texts === undefined) return false
    const { asserted } = this.policy
    for (let slot = 0; slot < asserted.length; slot++) {
      if (headers?.[asserted[slot] ?? ''] !== texts[slot]) return false
    }
    return true
  }
}
