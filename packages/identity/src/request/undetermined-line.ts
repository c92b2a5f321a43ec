import { printable } from '@truehop/ip/internal'
import type { UndeterminedIdentity } from '../walk/identity.js'
import type { RawRequest } from './read-evidence.js'

/** Maximum characters that a line shows of what a hop wrote: the sender must not fill the disk. */
const MAX_ENTRY = 200

/** What a line about an undetermined client says, for a logger that takes fields. */
export interface UndeterminedFields {
  readonly event: 'identity.undetermined'
  readonly reason: string
  /** The evidence whose entry could not be used. */
  readonly source: string
  readonly rule: string | undefined
  readonly lastTrustedHop: string | undefined
  readonly peer: string | undefined
  /** The text that was read there, made printable and cut to 200 characters. */
  readonly entry: string | undefined
}

const MASK: unique symbol = Symbol.for('truehop.mask/1')

interface Masked {
  [MASK]?: (text: string) => string
}

/**
 * Makes the lines that truehop writes about a request show text through `mask`: for an access log
 * that hides addresses, and sees the request before it is refused.
 */
export function maskLines(request: RawRequest, mask: (text: string) => string): void {
  ;(request as Masked)[MASK] = mask
}

/** The fields of a line about a request whose client cannot be named. */
export function undeterminedFields(
  request: RawRequest,
  { reason, source, rule, lastTrustedHop, peer, entry }: UndeterminedIdentity,
): UndeterminedFields {
  const mask = (request as Masked)[MASK] ?? ((text: string) => text)
  const masked = (text: string | undefined) => (text === undefined ? undefined : mask(text))
  return {
    event: 'identity.undetermined',
    reason,
    source,
    rule,
    lastTrustedHop: masked(lastTrustedHop),
    peer: masked(peer),
    // Cut last: half an address would not be recognized as one.
    entry: entry === undefined ? undefined : cut(mask(printable(cut(entry, 2 * MAX_ENTRY)))),
  }
}

function cut(text: string, most = MAX_ENTRY): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
