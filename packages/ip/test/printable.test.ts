import { describe, expect, test } from 'vitest'
import { printable } from '../src/printable.js'

/** First and last code unit. */
const UNPRINTABLE: readonly (readonly [number, number])[] = [
  // C0, DEL and C1 controls.
  [0x0000, 0x001f],
  [0x007f, 0x009f],
  // What changes the direction of text, Unicode Standard Annex 9 section 2.
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
  // Line and paragraph separator.
  [0x2028, 0x2029],
  // Surrogates that are alone.
  [0xd800, 0xdfff],
  // The byte order mark, and noncharacters that readers have taken for one.
  [0xfeff, 0xfeff],
  [0xfffe, 0xffff],
]

describe('untrusted text', () => {
  test('shows every control, separator, lone surrogate, direction and mark as its number, and all else as it is', () => {
    const wrong: number[] = []
    for (let code = 0; code <= 0xffff; code++) {
      const text = String.fromCharCode(code)
      const isShown = !UNPRINTABLE.some(([first, last]) => code >= first && code <= last)
      const expected = isShown ? text : `\\u${code.toString(16).padStart(4, '0')}`
      if (printable(`a${text}b`) !== `a${expected}b`) wrong.push(code)
    }
    expect(wrong).toEqual([])
  })

  test('keeps surrogates that are a pair', () => {
    expect(printable('a\u{1f600}b\ud83d')).toBe('a\u{1f600}b\\ud83d')
    expect(printable('\ude00\u{1f600}')).toBe('\\ude00\u{1f600}')
  })
})
