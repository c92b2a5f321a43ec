import { describe, expect, test } from 'vitest'
import { parseHost, parsePort, parseScheme } from '../src/walk/authority.js'

describe('a host', () => {
  test.each([
    ['shop.example', 'shop.example'],
    ['SHOP.Example:443', 'shop.example:443'],
    ['a', 'a'],
    ['xn--grn-hoa_~.example', 'xn--grn-hoa_~.example'],
    ['a.example:0', 'a.example:0'],
    ['a.example:', 'a.example'],
    ['[2001:db8::1]:', '[2001:db8::1]'],
    ['a.example:65535', 'a.example:65535'],
    ['[2001:DB8::1]', '[2001:db8::1]'],
    ['[::ffff:192.0.2.1]:65535', '[::ffff:192.0.2.1]:65535'],
    ['a'.repeat(255), 'a'.repeat(255)],
  ])('%s is %s', (text, host) => {
    expect(parseHost(text)).toBe(host)
  })

  test.each([
    undefined,
    '',
    'a b',
    ' a.example',
    'a.example ',
    'user@a.example',
    'a.example/x',
    'a.example:65536',
    'a.example:99999',
    'a.example:100000',
    'a.example:80:80',
    'a.example:80x',
    'a\nb',
    '2001:db8::1',
    '[2001:db8::1',
    '[2001:db8::1]x',
    'x[2001:db8::1]',
    '[a.example]',
    '[2001:db8::1]:65536',
    `[${'1'.repeat(46)}]`,
    'a'.repeat(256),
  ])('is not %j', (text) => {
    expect(parseHost(text)).toBeUndefined()
  })
})

describe('a scheme', () => {
  test.each([
    ['http', 'http'],
    ['HTTP', 'http'],
    ['ws', 'http'],
    ['https', 'https'],
    ['WSS', 'https'],
  ])('%s means %s', (text, scheme) => {
    expect(parseScheme(text)).toBe(scheme)
  })

  test.each([undefined, '', 'ftp', 'httpsx', ' https', 'h'])('is not %j', (text) => {
    expect(parseScheme(text)).toBeUndefined()
  })
})

describe('a port', () => {
  test.each(['1', '80', '443', '9999', '65535'])('may be %s', (text) => {
    expect(parsePort(text)).toBe(text)
  })

  test.each([
    undefined,
    '',
    '0',
    '080',
    '65536',
    '99999',
    '100000',
    '80 ',
    'x80',
    '80x',
    '-1',
    '1e3',
  ])('is not %j', (text) => {
    expect(parsePort(text)).toBeUndefined()
  })
})
