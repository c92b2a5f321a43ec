import { describe, expect, test } from 'vitest'
import { type NodeReading, parseForwardedNode, parseHeaderNode } from '../src/index.js'

function shown(reading: NodeReading): string {
  if (reading.fault !== undefined) return reading.fault
  const { address, port } = reading
  return port === undefined ? address.text : `${address.text} port ${port}`
}

const UNIDENTIFIED = 'unidentified-node'
const UNSPECIFIED = 'unspecified-address'

describe('an entry of X-Forwarded-For', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:0', '192.0.2.1 port 0'],
    ['192.0.2.1:65535', '192.0.2.1 port 65535'],
    ['192.0.2.1:65536', UNIDENTIFIED],
    ['192.0.2.1:', UNIDENTIFIED],
    ['192.0.2.1:8o', UNIDENTIFIED],
    ['192.0.2.1:-1', UNIDENTIFIED],
    ['192.0.2.1:123456', UNIDENTIFIED],
    ['192.0.2.1:_port', UNIDENTIFIED],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8::7:443', '2001:db8::7:443'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1 port 443'],
    ['[2001:db8::1]:', UNIDENTIFIED],
    ['[2001:db8::1]443', UNIDENTIFIED],
    ['[2001:db8::1', UNIDENTIFIED],
    ['2001:db8::1]', UNIDENTIFIED],
    ['[]', UNIDENTIFIED],
    ['[192.0.2.1]', UNIDENTIFIED],
    ['[192.0.2.1]:80', UNIDENTIFIED],
    ['[::ffff:192.0.2.1]:80', '192.0.2.1 port 80'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['0.0.0.0', UNSPECIFIED],
    ['0.0.0.0:80', UNSPECIFIED],
    ['::', UNSPECIFIED],
    ['[::]:443', UNSPECIFIED],
    ['::ffff:0.0.0.0', UNSPECIFIED],
    ['unknown', UNIDENTIFIED],
    ['_hidden', UNIDENTIFIED],
    ['localhost', UNIDENTIFIED],
    ['example.com:80', UNIDENTIFIED],
    ['0177.0.0.1', UNIDENTIFIED],
    ['0x7f000001', UNIDENTIFIED],
    ['2130706433', UNIDENTIFIED],
    ['127.1', UNIDENTIFIED],
    ['192.0.2.1 10.0.0.1', UNIDENTIFIED],
    ['"192.0.2.1"', UNIDENTIFIED],
    ['192.0.2.1\u00a0', UNIDENTIFIED],
    ['', UNIDENTIFIED],
  ])('%j is %s', (text, expected) => {
    expect(shown(parseHeaderNode(text))).toBe(expected)
  })

  test('is read from its place in the text and nothing beside it', () => {
    expect(shown(parseHeaderNode('9192.0.2.1:80]', 1, 10))).toBe('192.0.2.1')
    expect(shown(parseHeaderNode('[::1]:4430', 0, 9))).toBe('::1 port 443')
    expect(shown(parseHeaderNode('[::1,]', 0, 4))).toBe(UNIDENTIFIED)
  })
})

describe('a node of RFC 7239 section 6', () => {
  test.each([
    ['192.0.2.43', '192.0.2.43'],
    ['192.0.2.43:47011', '192.0.2.43 port 47011'],
    ['192.0.2.43:_gazonk', '192.0.2.43'],
    ['192.0.2.43:_', UNIDENTIFIED],
    ['192.0.2.43:_a b', UNIDENTIFIED],
    ['[2001:db8:cafe::17]', '2001:db8:cafe::17'],
    ['[2001:db8:cafe::17]:4711', '2001:db8:cafe::17 port 4711'],
    ['[2001:db8:cafe::17]:_x', '2001:db8:cafe::17'],
    ['2001:db8:cafe::17', UNIDENTIFIED],
    ['unknown', UNIDENTIFIED],
    ['unknown:80', UNIDENTIFIED],
    ['_SEVKISEK', UNIDENTIFIED],
    ['', UNIDENTIFIED],
    ['[::]', UNSPECIFIED],
  ])('%j is %s', (text, expected) => {
    expect(shown(parseForwardedNode(text))).toBe(expected)
  })
})
