import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replaceAddresses } from '../src/index.js'
import { slowAddress } from './arbitraries.js'
import { slowText } from './slow-address.js'

const masked = (text: string) => replaceAddresses(text, ({ family }) => `<v${family}>`)

describe('addresses in a text', () => {
  test.each([
    ['198.51.100.7', '<v4>'],
    ['198.51.100.7, 2001:db8::1', '<v4>, <v6>'],
    ['[2001:db8::1]:443', '[<v6>]:443'],
    ['198.51.100.7:443', '<v4>:443'],
    ['for="[2001:db8::1]:443";by=198.51.100.7', 'for="[<v6>]:443";by=<v4>'],
    ['::ffff:198.51.100.7', '<v4>'],
    ['10.0.0.0/8 and 2001:db8::/32', '<v4>/8 and <v6>/32'],
    ['from 198.51.100.7.', 'from <v4>.'],
    ['from 2001:db8::1.', 'from <v6>.'],
    ['peer 2001:db8::1: refused', 'peer <v6>: refused'],
    ['..2001:db8::1.', '..<v6>.'],
    ['peer: 198.51.100.7: refused', 'peer: <v4>: refused'],
  ])('%s becomes %s', (text, expected) => {
    expect(masked(text)).toBe(expected)
  })

  test.each([
    ['010.0.0.1', '[redacted]'],
    ['198.51.100.256', '[redacted]'],
    ['2001:db8::1::2', '[redacted]'],
    ['1:2:3:4:5:6:7:8:9', '[redacted]'],
  ])('%s, which others may read as one, becomes %s', (text, expected) => {
    expect(masked(text)).toBe(expected)
  })

  test.each(['', 'unknown', 'HTTP/1.1', 'version 1.2', 'cafe', '443', 'a:b', '...'])(
    '%j has none and stays',
    (text) => {
      expect(masked(text)).toBe(text)
    },
  )

  test('are all found, whatever they are separated by', () => {
    const separator = fc.constantFrom(', ', ' ', ',', ';', '"', '=', ']', '[', '/', '\t')
    fc.assert(
      fc.property(fc.array(fc.tuple(slowAddress, separator), { maxLength: 8 }), (parts) => {
        const text = parts.map(([address, mark]) => slowText(address) + mark).join('')
        const expected = parts.map(([{ family }, mark]) => `<v${family}>${mark}`).join('')
        expect(masked(text)).toBe(expected)
      }),
    )
  })

  // With time in the square of the length each of these would take minutes.
  test('are replaced in long runs of their characters', () => {
    const length = 1_000_000
    const dots = '.'.repeat(length)
    const digits = '1'.repeat(length)
    expect(masked(`1${dots}1`)).toBe(`1${dots}1`)
    expect(masked(`${digits}.`)).toBe(`${digits}.`)
    expect(masked(`${digits}.1:`)).toBe(`${digits}.1:`)
    expect(masked(`${dots}198.51.100.7${dots}`)).toBe(`${dots}<v4>${dots}`)
    expect(masked(`1${':'.repeat(length)}1`)).toBe('[redacted]')
  })
})
