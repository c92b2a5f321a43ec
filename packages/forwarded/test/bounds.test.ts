import { describe, expect, test } from 'vitest'
import { countLooks } from '../../../test/count-looks.js'
import { ForwardedCursor, XForwardedForCursor } from '../src/index.js'

type EntryCursor = ForwardedCursor | XForwardedForCursor

function readAll(cursor: EntryCursor): void {
  while (cursor.hasUnread()) cursor.read()
}

function skipAll(cursor: EntryCursor): void {
  while (cursor.hasUnread()) cursor.skip()
}

const SIZE = 65_536

const HOSTILE: readonly (readonly [string, string])[] = [
  ['commas', ','.repeat(SIZE)],
  ['blanks', ' '.repeat(SIZE)],
  ['commas and blanks', ', '.repeat(SIZE / 2)],
  ['quotes', '"'.repeat(SIZE)],
  ['quotes and commas', '",'.repeat(SIZE / 2)],
  ['backslashes', '\\'.repeat(SIZE)],
  ['escaped quotes', '\\"'.repeat(SIZE / 2)],
  ['escaped quotes and commas', '\\",'.repeat(SIZE / 3)],
  ['backslashes before one quote', `${'\\'.repeat(SIZE)}"`],
  ['one quote never closed', `"${'a,'.repeat(SIZE / 2)}`],
  ['elements', 'for=10.0.0.1,'.repeat(SIZE / 13)],
  ['addresses', '10.0.0.1, '.repeat(SIZE / 10)],
  ['bracketed addresses', '[2001:db8::1]:80, '.repeat(SIZE / 18)],
  ['brackets never closed', '[2001:db8::1, '.repeat(SIZE / 14)],
]

describe('65 KB of hostile text costs a bounded number of looks at each character', () => {
  test.each(HOSTILE)('X-Forwarded-For: %s', (_, text) => {
    expect(countLooks(() => readAll(new XForwardedForCursor(text)))).toBeLessThan(8 * SIZE)
    expect(countLooks(() => skipAll(new XForwardedForCursor(text)))).toBeLessThan(6 * SIZE)
  })

  test.each(HOSTILE)('Forwarded: %s', (_, text) => {
    expect(countLooks(() => readAll(new ForwardedCursor(text)))).toBeLessThan(12 * SIZE)
    expect(countLooks(() => skipAll(new ForwardedCursor(text)))).toBeLessThan(6 * SIZE)
  })

  test('and the nearest element costs no more than itself', () => {
    for (const [, text] of HOSTILE) {
      const read = () => {
        const cursor = new ForwardedCursor(`${text}, for=192.0.2.1`)
        expect(cursor.hasUnread()).toBe(true)
        expect(cursor.read().address?.text).toBe('192.0.2.1')
      }
      expect(countLooks(read)).toBeLessThan(120)
    }
  })
})
