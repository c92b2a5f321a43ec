import { describe, expect, test } from 'vitest'
import {
  ForwardedCursor,
  headerText,
  nthElementFromRight,
  parseForwardedNode,
  parseHeaderNode,
  SingleAddressCursor,
  XForwardedForCursor,
} from '../src/index.js'

const said = ({ address, port, fault }: ReturnType<typeof parseHeaderNode>) =>
  fault ?? `${address.text} port ${port}`

describe('an obfuscated port, RFC 7239 section 6.3', () => {
  test.each(['_0', '_9', '_A', '_Z', '_a', '_z', '_.', '_-', '__', '_gazonk.1-x_Y'])(
    'may be %s',
    (port) => {
      expect(said(parseForwardedNode(`192.0.2.1:${port}`))).toBe('192.0.2.1 port undefined')
    },
  )

  // The neighbours in ASCII of what may stand there.
  test.each(['_', '_/', '_:', '_@', '_[', '_`', '_{', '_,', '_^', 'a', '-a'])(
    'is not %s',
    (port) => {
      expect(said(parseForwardedNode(`192.0.2.1:${port}`))).toBe('unidentified-node')
    },
  )

  test.each(['192.0.2.1:_p', '[2001:db8::1]:_p'])('is not a port elsewhere: %s', (text) => {
    expect(said(parseHeaderNode(text))).toBe('unidentified-node')
  })
})

describe('a port', () => {
  test.each([
    ['0', '192.0.2.1 port 0'],
    ['9', '192.0.2.1 port 9'],
    ['59999', '192.0.2.1 port 59999'],
    ['65535', '192.0.2.1 port 65535'],
    ['65536', 'unidentified-node'],
    ['000080', 'unidentified-node'],
    ['', 'unidentified-node'],
    ['8:', 'unidentified-node'],
    ['/', 'unidentified-node'],
  ])('%j', (port, expected) => {
    expect(said(parseHeaderNode(`192.0.2.1:${port}`))).toBe(expected)
  })

  test.each(['[2001:db8::1', '[2001:db8::1]x', '[192.0.2.1]', '[]', '[:', '2001:db8::1]'])(
    'does not make an address of %s',
    (text) => {
      expect(said(parseHeaderNode(text))).toBe('unidentified-node')
      expect(said(parseForwardedNode(text))).toBe('unidentified-node')
    },
  )
})

describe('what is left to read', () => {
  test.each([
    ['X-Forwarded-For', (text: string) => new XForwardedForCursor(text)],
    ['Forwarded', (text: string) => new ForwardedCursor(text)],
  ])('of %s shrinks with each entry', (_, open) => {
    const cursor = open('a, b ,c')
    const left = [cursor.unread]
    while (cursor.hasUnread()) {
      cursor.skip()
      left.push(cursor.unread)
    }
    expect(left).toEqual(['a, b ,c', 'a, b ', 'a', ''])
  })

  test('of a header with one address is that address, or nothing', () => {
    const cursor = new SingleAddressCursor(' 192.0.2.1\t')
    expect([cursor.unread, cursor.hasUnread()]).toEqual(['192.0.2.1', true])
    cursor.skip()
    expect([cursor.unread, cursor.hasUnread()]).toEqual(['', false])
  })
})

describe('the n-th element from the right', () => {
  test.each<[string, number, string | undefined]>([
    ['a, b, c', 1, 'c'],
    ['a, b, c', 2, 'b'],
    ['a, b, c', 3, 'a'],
    ['a, b, c', 4, undefined],
    ['only', 1, 'only'],
    [' only ,', 4, 'only'],
    ['', 1, undefined],
    [' , ', 1, undefined],
  ])('%j, %i: %s', (text, n, expected) => {
    expect(nthElementFromRight(text, n)).toBe(expected)
  })
})

describe('an element of Forwarded', () => {
  test.each([
    // Names that every object has are extension parameters as any other.
    ['constructor=1;__proto__=2;for=192.0.2.1', '192.0.2.1 port undefined'],
    ['toString=1;toString=2;for=192.0.2.1', 'invalid-element'],
    ['é=1;for=192.0.2.1', 'invalid-element'],
    ['\x80=1;for=192.0.2.1', 'invalid-element'],
    ['for="192.0.2.1\\"', 'invalid-element'],
    ['for="192.0.2.1', 'invalid-element'],
    ['x="a\tb\\\t";for=192.0.2.1', '192.0.2.1 port undefined'],
    ['x="\x80\xff ~";for=192.0.2.1', '192.0.2.1 port undefined'],
    ['x="\0";for=192.0.2.1', 'invalid-element'],
    ['x="\x1f";for=192.0.2.1', 'invalid-element'],
    ['x="\x7f";for=192.0.2.1', 'invalid-element'],
    ['x="\\\n";for=192.0.2.1', 'invalid-element'],
    ['for:192.0.2.1', 'invalid-element'],
    ['for/192.0.2.1', 'invalid-element'],
    ['for 192.0.2.1', 'invalid-element'],
    ['for', 'invalid-element'],
    ['for=', 'invalid-element'],
    ['x;for=', 'invalid-element'],
    ['=192.0.2.1', 'invalid-element'],
    ['for==192.0.2.1', 'invalid-element'],
  ])('%j: %s', (text, expected) => {
    const cursor = new ForwardedCursor(text)
    expect(cursor.hasUnread() ? said(cursor.read()) : 'nothing').toBe(expected)
  })
})

test('an element of Forwarded has its parameters under their names', () => {
  const cursor = new ForwardedCursor('By=_me;for=192.0.2.1;HOST="a.example:81";proto=https;x=1')
  expect(cursor.hasUnread()).toBe(true)
  cursor.skip()
  const parameters = { by: '_me', for: '192.0.2.1', host: 'a.example:81', proto: 'https' }
  expect(cursor.parameters).toEqual(parameters)
})

describe('a quote in Forwarded', () => {
  test.each<[string, string[]]>([
    // Two backslashes are an escaped backslash: the quote behind them is one.
    ['x=\\\\"b,c"', ['x=\\\\"b,c"']],
    // An escaped quote opens nothing, here or further left.
    ['x,a,b\\",c"', ['c"', 'b\\"', 'a', 'x']],
    ['\\"a,b"', ['b"', '\\"a']],
    ['"a,b"', ['"a,b"']],
    ['","', ['","']],
    ['a,"', ['"', 'a']],
  ])('%j', (text, expected) => {
    const cursor = new ForwardedCursor(text)
    const elements: string[] = []
    while (cursor.hasUnread()) {
      cursor.skip()
      elements.push(cursor.element)
    }
    expect(elements).toEqual(expected)
  })
})

test('lines that are not strings are left out of a list', () => {
  const lines: readonly unknown[] = ['192.0.2.1', 7, undefined, '10.0.0.1']
  expect(headerText(lines)).toBe('192.0.2.1, 10.0.0.1')
})
