import { printable } from '@truehop/ip/internal'
import { type Mask, UNMASKED } from './address-mask.js'

/** Maximum characters of a string that a client chose. */
const MAX_TEXT = 200
/** Maximum characters of a message. */
const MAX_MESSAGE = 400
/** Maximum characters of a path. */
const MAX_PATH = 120

/** What is left of an address at the beginning of a text that was cut there. */
const CUT_ADDRESS = /^…[\dA-Fa-f:.]+/

/**
 * Untrusted text as it is kept and shown. Masked before it is cut: a mask would not find half an
 * address. For a list, the end is kept, which the hops nearest to this server wrote.
 */
export function listText(text: string, mask: Mask): string {
  const whole = mask === UNMASKED ? text : text.replace(CUT_ADDRESS, '…')
  const shown = printable(mask(whole))
  return shown.length > MAX_TEXT ? `…${shown.slice(1 - MAX_TEXT)}` : shown
}

/** A message begins with what matters. */
export function messageText(text: string, mask: Mask): string {
  return beginning(printable(mask(text)), MAX_MESSAGE)
}

/** An authority of the absolute form (RFC 9112 section 3.2.2), which may contain a password. */
const AUTHORITY = /^[A-Za-z][A-Za-z\d+.-]{0,31}:\/\/[^/?]*/

/** Without the authority of a target, and without its query, which may contain tokens and names. */
export function pathText(target: string, mask: Mask): string {
  const [path = ''] = target.replace(AUTHORITY, '').split('?', 1)
  return beginning(printable(mask(path === '' ? '/' : path)), MAX_PATH)
}

function beginning(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
