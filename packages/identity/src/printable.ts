/** C0, DEL, C1, separators of lines, bidirectional overrides, the BOM. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ones that are shown as \u001b
const UNPRINTABLE = /[\x00-\x1f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Text of others without characters that a terminal or a reader could act upon. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
