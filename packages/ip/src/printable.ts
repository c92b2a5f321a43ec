/**
 * Everything that a terminal, a line reader or a log viewer could take for an instruction, or that
 * makes a line read as something else: controls, the line and paragraph separators, lone
 * surrogates, characters that change the direction of text, the byte order mark, and noncharacters
 * mistaken for one.
 */
export const UNPRINTABLE: RegExp = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\ufeff\ufffe\uffff]/gu

/** Untrusted text with escapes such as `\u001b` for what a terminal or a reader could act upon. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
