import ipaddr from 'ipaddr.js'
import proxyaddr from 'proxy-addr'
import { describe, expect, test } from 'vitest'
import { isRangeName, NAMED_RANGES, PrefixSet, parsePrefix } from '../src/index.js'
import { slowEdges, slowPrefix, slowText } from './slow-address.js'

/** What ipaddr.js calls the ranges: `uniqueLocal` is IPv6 only there, `private` IPv4 only. */
const IPADDR_NAMES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['loopback'],
  linklocal: ['linkLocal'],
  uniquelocal: ['private', 'uniqueLocal'],
  private: ['private', 'uniqueLocal'],
  cgnat: ['carrierGradeNat'],
}

/** Where Express has another name, or none and the range is written out as RFC 6598 gives it. */
const PROXY_ADDR_NAMES: Readonly<Record<string, string>> = {
  private: 'uniquelocal',
  cgnat: '100.64.0.0/10',
}

/** The addresses just inside and just outside of all named ranges, and some far from them. */
const probes = [
  ...Object.values(NAMED_RANGES).flat().map(slowPrefix).flatMap(slowEdges).map(slowText),
  ...['8.8.8.8', '100.64.0.1', '224.0.0.1', '0.0.0.0', '255.255.255.255'],
  ...['2001:db8::1', '2606:4700::1', '::', 'ff02::1', '64:ff9b::a00:1', '2002:a00:1::'],
]

describe.each(Object.keys(NAMED_RANGES))('%s', (name) => {
  const ranges = isRangeName(name) ? NAMED_RANGES[name] : []
  const set = PrefixSet.from(ranges)

  test('is what ipaddr.js calls by that name', () => {
    for (const text of probes) {
      const expected = IPADDR_NAMES[name]?.includes(ipaddr.process(text).range())
      expect(set.has(text), text).toBe(expected)
    }
  })

  test('is what proxy-addr, and so Express, means by it', () => {
    const trust = proxyaddr.compile(PROXY_ADDR_NAMES[name] ?? name)
    for (const text of probes) expect(set.has(text), text).toBe(trust(text, 0))
  })

  test('is written in canonical form and cannot be changed', () => {
    expect(ranges.map((range) => parsePrefix(range).text)).toEqual(ranges)
    expect(Object.isFrozen(NAMED_RANGES) && Object.isFrozen(ranges)).toBe(true)
  })
})

test.each([
  ['loopback', true],
  ['private', true],
  ['Private', false],
  ['unix', false],
  ['toString', false],
  ['__proto__', false],
  ['', false],
])('%j is a name of a range: %s', (text, expected) => {
  expect(isRangeName(text)).toBe(expected)
})
