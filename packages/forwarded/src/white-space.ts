const SP = 0x20
const HTAB = 0x09
const COMMA = 0x2c

/** RFC 9110 section 5.6.3: only SP and HTAB are white space. */
export function isWhiteSpace(code: number): boolean {
  return code === SP || code === HTAB
}

/** The first position from `start` on, before `end`, that is not white space. */
export function trimLeft(text: string, start: number, end: number): number {
  let i = start
  while (i < end && isWhiteSpace(text.charCodeAt(i))) i++
  return i
}

/** The end of the text before `end` without white space at its right. */
export function trimRight(text: string, end: number): number {
  let i = end
  while (i > 0 && isWhiteSpace(text.charCodeAt(i - 1))) i--
  return i
}

/** The end of the text before `end` without the white space and empty list elements there. */
export function skipEmptyElements(text: string, end: number): number {
  let i = end
  while (i > 0) {
    const code = text.charCodeAt(i - 1)
    if (code !== COMMA && !isWhiteSpace(code)) break
    i--
  }
  return i
}
