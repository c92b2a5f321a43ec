import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ForwardedCursor,
  headerText,
  type NodeReading,
  parseHeaderNode,
  SingleAddressCursor,
  XForwardedForCursor,
} from '../src/index.js'

type EntryCursor = ForwardedCursor | SingleAddressCursor | XForwardedForCursor

/** Every entry as written and as read, nearest first. */
function drain(cursor: EntryCursor): string[] {
  const entries: string[] = []
  while (cursor.hasUnread()) {
    const reading = cursor.read()
    entries.push(`${cursor.element} = ${reading.address?.text ?? reading.fault}`)
  }
  return entries
}

describe('X-Forwarded-For is read from the right', () => {
  test.each([
    ['192.0.2.1', ['192.0.2.1 = 192.0.2.1']],
    ['192.0.2.1, 10.0.0.1', ['10.0.0.1 = 10.0.0.1', '192.0.2.1 = 192.0.2.1']],
    ['\t192.0.2.1 ,\t10.0.0.1 \t', ['10.0.0.1 = 10.0.0.1', '192.0.2.1 = 192.0.2.1']],
    [',, 192.0.2.1,,10.0.0.1, ,', ['10.0.0.1 = 10.0.0.1', '192.0.2.1 = 192.0.2.1']],
    ['', []],
    [' , ,, ', []],
    ['unknown,10.0.0.1', ['10.0.0.1 = 10.0.0.1', 'unknown = unidentified-node']],
  ])('%j', (text, expected) => {
    expect(drain(new XForwardedForCursor(text))).toEqual(expected)
  })

  test('as a split at every comma reads it', () => {
    const element = fc.stringMatching(/^[ \t]{0,2}[0-9a-f.:[\]"x]{0,12}[ \t]{0,2}$/)
    fc.assert(
      fc.property(fc.array(element, { maxLength: 12 }), (elements) => {
        const plain = elements.map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''))
        const expected = plain.filter((text) => text !== '').reverse()
        const cursor = new XForwardedForCursor(elements.join(','))
        const seen: string[] = []
        while (cursor.hasUnread()) {
          cursor.skip()
          seen.push(cursor.element)
        }
        expect(seen).toEqual(expected)
      }),
    )
  })

  test('reads each element as it stands alone, IPv4 text among others', () => {
    const part = fc.constantFrom('1', '.', '.', '255', '256', '07', ' ', '\t', ':', '[', ']', 'f')
    const element = fc.oneof(
      fc.ipV4(),
      fc.tuple(fc.ipV4(), part).map(([address, tail]) => `${address}${tail}`),
      fc.tuple(part, fc.ipV4()).map(([head, address]) => `${head}${address}`),
      fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([address, port]) => `${address}:${port}`),
      fc.ipV6(),
      fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(fc.array(element, { maxLength: 8 }), (elements) => {
        const plain = elements.map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''))
        const expected = plain
          .filter((text) => text !== '')
          .reverse()
          .map((text) => ({ text, node: parseHeaderNode(text) }))
        const cursor = new XForwardedForCursor(elements.join(','))
        const seen: { text: string; node: NodeReading }[] = []
        while (cursor.hasUnread()) {
          const node = cursor.read()
          seen.push({ text: cursor.element, node })
        }
        expect(seen).toEqual(expected)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('Forwarded is lexed from the right', () => {
  test.each([
    ['for=192.0.2.1', ['for=192.0.2.1 = 192.0.2.1']],
    ['For=192.0.2.1;Proto=https;BY=_x', ['For=192.0.2.1;Proto=https;BY=_x = 192.0.2.1']],
    ['for=192.0.2.1 ; proto=https', ['for=192.0.2.1 ; proto=https = 192.0.2.1']],
    ['for="192.0.2.\\43"', ['for="192.0.2.\\43" = 192.0.2.43']],
    [';for=192.0.2.1;;', [';for=192.0.2.1;; = 192.0.2.1']],
    ['for="open, for=192.0.2.1', ['for=192.0.2.1 = 192.0.2.1', 'for="open = invalid-element']],
    [
      'for=6.6.6.6, host="a\\",for=1.1.1.1";for=192.0.2.1',
      ['host="a\\",for=1.1.1.1";for=192.0.2.1 = 192.0.2.1', 'for=6.6.6.6 = 6.6.6.6'],
    ],
    [
      'host="a\\\\",for=192.0.2.1',
      ['for=192.0.2.1 = 192.0.2.1', 'host="a\\\\" = unidentified-node'],
    ],
    ['for= 192.0.2.1', ['for= 192.0.2.1 = invalid-element']],
    ['for =192.0.2.1', ['for =192.0.2.1 = invalid-element']],
    ['for=', ['for= = invalid-element']],
    ['for', ['for = invalid-element']],
    ['=192.0.2.1', ['=192.0.2.1 = invalid-element']],
    ['for=192.0.2.1 proto=https', ['for=192.0.2.1 proto=https = invalid-element']],
    ['for=192.0.2.1:80', ['for=192.0.2.1:80 = invalid-element']],
    ['for=[2001:db8::1]', ['for=[2001:db8::1] = invalid-element']],
    ['for="192.0.2.1"x', ['for="192.0.2.1"x = invalid-element']],
    ['for=192.0.2.1;FOR=192.0.2.2', ['for=192.0.2.1;FOR=192.0.2.2 = invalid-element']],
    ['x=1;for=192.0.2.1;X=2', ['x=1;for=192.0.2.1;X=2 = invalid-element']],
    ['proto=https', ['proto=https = unidentified-node']],
    ['for=""', ['for="" = unidentified-node']],
    [';', ['; = unidentified-node']],
    ['for=192.0.2.1,,\t,for=10.0.0.1,', ['for=10.0.0.1 = 10.0.0.1', 'for=192.0.2.1 = 192.0.2.1']],
    ['"', ['" = invalid-element']],
    ['\\"', ['\\" = invalid-element']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(drain(new ForwardedCursor(text))).toEqual(expected)
  })

  test('gives the parameters of the element read, unquoted', () => {
    const cursor = new ForwardedCursor('for=1.1.1.1, For=192.0.2.1;Host="a\\"b:80";PROTO=https')
    expect(cursor.hasUnread()).toBe(true)
    cursor.read()
    expect(cursor.parameters).toEqual({ for: '192.0.2.1', host: 'a"b:80', proto: 'https' })
  })

  const token = fc.stringMatching(/^[a-z0-9._-]{1,8}$/)
  const quoted = fc
    .stringMatching(/^[ -~]{0,12}$/)
    .map((text) => `"${text.replace(/["\\]/g, (c) => `\\${c}`)}"`)
  const pair = fc.tuple(fc.constantFrom('by', 'host', 'proto', 'ext'), fc.oneof(token, quoted))
  const element = fc
    .uniqueArray(pair, { maxLength: 3, selector: ([name]) => name })
    .map((pairs) =>
      ['for=192.0.2.7', ...pairs.map(([name, value]) => `${name}=${value}`)].join(';'),
    )

  test('finds the elements of every well-formed list, whatever is in its quotes', () => {
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 6 }), (elements) => {
        expect(drain(new ForwardedCursor(elements.join(', ')))).toEqual(
          elements.toReversed().map((text) => `${text} = 192.0.2.7`),
        )
      }),
    )
  })

  test('reads well-formed elements the same whatever text is left of them', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }),
        fc.array(element, { minLength: 1, maxLength: 4 }),
        (poison, elements) => {
          const cursor = new ForwardedCursor(`${poison}, ${elements.join(', ')}`)
          const nearest = elements.map(() => {
            expect(cursor.hasUnread()).toBe(true)
            return cursor.read().address?.text
          })
          expect(nearest).toEqual(elements.map(() => '192.0.2.7'))
        },
      ),
    )
  })
})

describe('a header that carries one address', () => {
  test.each([
    ['192.0.2.1', ['192.0.2.1 = 192.0.2.1']],
    [' \t192.0.2.1\t', ['192.0.2.1 = 192.0.2.1']],
    ['[2001:db8::1]:443', ['[2001:db8::1]:443 = 2001:db8::1']],
    ['192.0.2.1, 192.0.2.1', ['192.0.2.1, 192.0.2.1 = ambiguous-single-header']],
    ['192.0.2.1,', ['192.0.2.1, = ambiguous-single-header']],
    [',192.0.2.1', [',192.0.2.1 = ambiguous-single-header']],
    ['192.0.2.1 192.0.2.2', ['192.0.2.1 192.0.2.2 = unidentified-node']],
    ['unknown', ['unknown = unidentified-node']],
    ['', []],
    [' \t ', []],
  ])('%j', (text, expected) => {
    expect(drain(new SingleAddressCursor(text))).toEqual(expected)
  })
})

describe('the text of a header', () => {
  test.each([
    ['a, b', 'a, b'],
    [['a', 'b'], 'a, b'],
    [undefined, undefined],
    [17, undefined],
    [Object.prototype.constructor, undefined],
  ])('of %j is %j', (value, expected) => {
    expect(headerText(value)).toBe(expected)
  })
})
