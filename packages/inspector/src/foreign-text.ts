import { type Mask, UNMASKED } from './address-mask.js'

/** Characters of a text that a client chose. */
const MAX_TEXT = 200
/** Characters of a message. */
const MAX_MESSAGE = 400
/** Characters of a path. */
const MAX_PATH = 120

/** C0, DEL, C1, separators of lines, bidirectional overrides, the BOM. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ones that are shown as \u001b
const UNPRINTABLE = /[\x00-\x1f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** What is left of an address at the beginning of a text that was cut there. */
const CUT_ADDRESS = /^…[\dA-Fa-f:.]+/

/**
 * A text of others as it is kept and shown. Masked before it is cut: half an address is none that a
 * mask would find. Of a list the end, which the hops nearest to this server wrote.
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

/** An authority of the absolute form (RFC 9112 section 3.2.2), which may hold a password. */
const AUTHORITY = /^[A-Za-z][A-Za-z\d+.-]{0,31}:\/\/[^/?]*/

/** Without the authority of a target, and without its query, where tokens and names stand. */
export function pathText(target: string, mask: Mask): string {
  const [path = ''] = target.replace(AUTHORITY, '').split('?', 1)
  return beginning(printable(mask(path === '' ? '/' : path)), MAX_PATH)
}

/** An override would show `7.001` as `100.7`. */
function printable(text: string): string {
  return text.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function beginning(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
