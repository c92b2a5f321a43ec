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

  test.each([
    ['?ip=2001%3Adb8%3A%3A1&x=1', '?ip=<v6>&x=1'],
    ['?ip=2001%3adb8%3a1%3a2%3A%3a1', '?ip=<v6>'],
    ['?to=%2Fa%3Fip%3D198%2E51%2E100%2E7', '?to=%2Fa%3Fip%3D<v4>'],
    ['?to=%2Fa%3Fip%253D2001%253Adb8%253A%253A1%26', '?to=%2Fa%3Fip%253D<v6>%26'],
    ['%5B2001%3Adb8%3A%3A1%5D%3A443', '%5B<v6>%5D%3A443'],
    ['https%3A%2F%2Fa.example%3A443', 'https%3A%2F%2Fa.example%3A443'],
  ])('with percent-encoded colons and dots: %s becomes %s', (text, expected) => {
    expect(masked(text)).toBe(expected)
  })

  test.each([
    ['ec2-198-51-100-7.compute.example', 'ec[redacted].compute.example'],
    ['host198-051-100-007.isp.example', 'host[redacted].isp.example'],
    ['7.100.51.198.in-addr.arpa.', '[redacted].in-addr.arpa.'],
    ['b.a.9.8.0.0.1.0.0.2.IP6.ARPA', '[redacted].IP6.ARPA'],
  ])('in a host name that is made of one: %s becomes %s', (text, expected) => {
    expect(masked(text)).toBe(expected)
  })

  test.each([
    '2025-11-20-18-58-03.tar',
    '+1-800-555-0100',
    '123e4567-e89b-12d3-a456-426614174000',
    '10000000-1000-4000-8000-100000000000',
    '1-2-3',
  ])('%s is none', (text) => {
    expect(masked(text)).toBe(text)
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
    expect(masked(`${digits}-`)).toBe(`${digits}-`)
    const dashes = '1000-'.repeat(length / 5)
    expect(masked(dashes)).toBe(dashes)
    const percents = `%${'25'.repeat(length / 2)}`
    expect(masked(percents)).toBe(percents)
    expect(masked(`${digits}.1:`)).toBe(`${digits}.1:`)
    expect(masked(`${dots}198.51.100.7${dots}`)).toBe(`${dots}<v4>${dots}`)
    expect(masked(`1${':'.repeat(length)}1`)).toBe('[redacted]')
  })
})
