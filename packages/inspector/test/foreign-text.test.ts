import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskFor, UNMASKED } from '../src/view/address-mask.js'
import { listText, messageText, pathText } from '../src/view/foreign-text.js'

const truncated = maskFor('truncated')
const tokens = maskFor({
  form: 'hmac',
  redact: (text) => text.replace(/\d+\.\d+\.\d+\.\d+/g, 'hmac-0'),
})

describe('untrusted text', () => {
  test('shows no end of an address that was cut, wherever the cut falls', () => {
    const list = Array(40).fill('198.51.100.77').join(', ')
    for (let width = 180; width < 280; width++) {
      // As explain() cuts what was ignored.
      const excerpt = `…${list.slice(1 - width)}`
      for (const mask of [truncated, tokens]) {
        expect(listText(excerpt, mask)).not.toMatch(/77|100\.7/)
        expect(listText(list + ' '.repeat(width - 180), mask)).not.toMatch(/77|100\.7/)
      }
    }
  })

  test.each([
    ['/cart?id=7', '/cart'],
    ['*', '*'],
    ['http://shop.example/cart?id=7', '/cart'],
    ['https://ada:secret@shop.example?id=7', '/'],
    ['coap+tcp://ada:secret@shop.example/a', '/a'],
    ['shop.example:443', 'shop.example:443'],
    ['/to/http://shop.example/', '/to/http://shop.example/'],
    ['', '/'],
  ])('of the target %j %j is shown', (target, path) => {
    expect(pathText(target, UNMASKED)).toBe(path)
  })

  test('shows no beginning of an address at the end of a path that was cut', () => {
    for (let length = 90; length < 125; length++) {
      const path = `/${'p'.repeat(length)}/198.51.100.77/x?token=198.51.100.77`
      expect(pathText(path, tokens)).not.toMatch(/198|51\.100|token/)
    }
  })

  test('leaves text alone that is short, ordinary and not to be masked', () => {
    for (const text of ['', '198.51.100.7', 'for="[2001:db8::7]:4711"', 'größe']) {
      expect([listText(text, UNMASKED), messageText(text, UNMASKED)]).toEqual([text, text])
    }
  })

  test.each([
    ['a bidirectional override', '\u202e7.001.15.891', '\\u202e7.001.15.891'],
    ['an isolate', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['an escape sequence', '\u001b[31m', '\\u001b[31m'],
    ['a C1 control', '\u0085', '\\u0085'],
    ['a line', 'a\r\nb', 'a\\u000d\\u000ab'],
  ])('shows %s as what it is', (_what, text, shown) => {
    expect(listText(text, UNMASKED)).toBe(shown)
    expect(messageText(text, UNMASKED)).toBe(shown)
    expect(pathText(text, UNMASKED)).toBe(shown)
  })

  test('is bounded whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        for (const mask of [UNMASKED, truncated]) {
          expect(listText(text, mask).length).toBeLessThanOrEqual(200)
          expect(messageText(text, mask).length).toBeLessThanOrEqual(400)
          expect(pathText(text, mask).length).toBeLessThanOrEqual(120)
        }
      }),
    )
  })
})
