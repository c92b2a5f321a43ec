import {
  ForwardedCursor,
  headerText,
  SingleAddressCursor,
  XForwardedForCursor,
} from '@truehop/forwarded'
import type { Hop } from '../policy/snapshot.js'
import type { Evidence } from './evidence.js'
import type { UndeterminedReason } from './identity.js'
import type { ClaimCursor } from './node.js'
import { ProxyHeaderCursor } from './proxy-header-cursor.js'

/** The evidence as a rule reads it, with nothing read yet. */
export function openClaims(
  { kind, asserts, form }: Hop,
  { headers, headersTruncated, proxyHeaders }: Evidence = NO_EVIDENCE,
): ClaimCursor {
  if (kind === 'proxy-protocol') {
    return proxyHeaders === undefined ? NOT_RECEIVED : new ProxyHeaderCursor(proxyHeaders)
  }
  if (kind === 'nothing') return HIDDEN
  if (headersTruncated === true) return TRUNCATED
  const text = headerText(headers?.[asserts])
  if (text === undefined) return NO_CLAIMS
  if (kind === 'x-forwarded-for') return new XForwardedForCursor(text)
  if (kind === 'forwarded') return new ForwardedCursor(text)
  return new SingleAddressCursor(text, form)
}

/** Always has an entry that can never be read: nobody knows whether there is one. */
function unknowable(fault: UndeterminedReason): ClaimCursor {
  const instead = { fault }
  return {
    unread: '',
    element: '',
    hasUnread: () => true,
    readInto: () => instead,
    skip: () => {},
    restart: () => {},
  }
}

/** An absent header may be one that was dropped. */
const TRUNCATED = unknowable('headers-truncated')
const NOT_RECEIVED = unknowable('not-received')
/** What a hop that hides its clients says: nothing is known about a client that came through it. */
const HIDDEN = unknowable('address-hidden')
const NO_EVIDENCE: Evidence = { peer: undefined }
/** No evidence. */
const NO_CLAIMS: ClaimCursor = { ...unknowable('unidentified-node'), hasUnread: () => false }
