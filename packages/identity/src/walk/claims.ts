import {
  ForwardedCursor,
  type ForwardedElement,
  headerText,
  SingleAddressCursor,
  XForwardedForCursor,
} from '@truehop/forwarded'
import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { Hop } from '../policy/snapshot.js'
import type { ClaimCursor, Entry } from './entry.js'
import type { Evidence } from './evidence.js'
import type { UndeterminedReason } from './identity.js'
import { ProxyHeaderCursor } from './proxy-header-cursor.js'

const ABSENT: ClaimCursor = {
  unread: '',
  element: '',
  hasUnread: () => false,
  read: () => ({ fault: 'unidentified-node' }),
  skip: () => {},
}
/** An absent header may be one that was dropped. */
const TRUNCATED = unknowable('headers-truncated')
const NOT_RECEIVED = unknowable('not-received')
/** What a hop says that hides its clients: nothing is known about a client that came through it. */
const HIDDEN = unknowable('address-hidden')
const TOO_SHORT: Entry = { fault: 'chain-too-short' }

/**
 * The evidence of one request as the rules read it: one cursor for each kind of evidence that
 * the policy names, opened when a trusted node is first asked for it.
 */
export class Claims {
  readonly evidence: Evidence
  /**
   * By slot. Room for two from the start: an empty list makes room for seventeen when it grows.
   * TypeScript's `private`: on this path JavaScript's own costs a third of the walk (Node 20).
   */
  private readonly cursors: (ClaimCursor | undefined)[] = [undefined, undefined]

  constructor(evidence: Evidence) {
    this.evidence = evidence
  }

  hasUnread(hop: Hop): boolean {
    return this.cursor(hop).hasUnread()
  }

  /** Whether the evidence was absent or empty from the start, rather than read to its end. */
  isAbsent(hop: Hop): boolean {
    return !this.open(hop).hasUnread()
  }

  read(hop: Hop): Entry {
    return this.cursor(hop).read()
  }

  /** Reads the `depth`-th unread entry; those before it are passed over uninterpreted. */
  readDepth(hop: Hop): Entry {
    const cursor = this.cursor(hop)
    for (let passed = 1; passed < hop.depth; passed++) {
      cursor.skip()
      if (!cursor.hasUnread()) return TOO_SHORT
    }
    return cursor.read()
  }

  /** Parameters of the `Forwarded` element read last under the rule. */
  forwardedElement(hop: Hop): ForwardedElement | undefined {
    const cursor = this.cursor(hop)
    return cursor instanceof ForwardedCursor ? cursor.parameters : undefined
  }

  /** The PROXY header that was read last: the one whose sender stands nearest to the client. */
  get lastProxyHeader(): ProxyHeader | undefined {
    return this.cursors.find((cursor) => cursor instanceof ProxyHeaderCursor)?.last
  }

  cursor(hop: Hop): ClaimCursor {
    const opened = this.cursors[hop.slot]
    if (opened !== undefined) return opened
    const cursor = this.open(hop)
    this.cursors[hop.slot] = cursor
    return cursor
  }

  private open(hop: Hop): ClaimCursor {
    if (hop.kind === 'proxy-protocol') {
      const { proxyHeaders } = this.evidence
      return proxyHeaders === undefined ? NOT_RECEIVED : new ProxyHeaderCursor(proxyHeaders)
    }
    if (hop.kind === 'nothing') return HIDDEN
    if (this.evidence.headersTruncated === true) return TRUNCATED
    const text = headerText(this.evidence.headers?.[hop.asserts])
    if (text === undefined) return ABSENT
    if (hop.kind === 'x-forwarded-for') return new XForwardedForCursor(text)
    if (hop.kind === 'forwarded') return new ForwardedCursor(text)
    return new SingleAddressCursor(text, hop.form)
  }
}

/** Always has an entry, and it can never be read: it is not known whether there is one. */
function unknowable(fault: UndeterminedReason): ClaimCursor {
  return {
    unread: '',
    element: '',
    hasUnread: () => true,
    read: () => ({ fault }),
    skip: () => {},
  }
}
