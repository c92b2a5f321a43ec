import { describe, expect, test } from 'vitest'
import { decode, encodeHeader } from '../../src/wire/index.js'
import { line } from './bytes.js'

const said = (text: string, options?: Parameters<typeof decode>[1]) => {
  const result = decode(line(text), options)
  return result.status === 'malformed' ? result.code : result.status
}
const headerOf = (text: string) => {
  const result = decode(line(text))
  return result.status === 'complete' ? result.header : result
}
const tcp4 = (rest: string) => `PROXY TCP4 ${rest}\r\n`
const tcp6 = (rest: string) => `PROXY TCP6 ${rest}\r\n`

describe('a version 1 line', () => {
  test('of TCP4 is INET over STREAM, with the text and ports of both ends', () => {
    expect(decode(line(tcp4('192.0.2.1 198.51.100.7 56324 443')))).toEqual({
      status: 'complete',
      header: {
        version: 1,
        command: 'PROXY',
        family: 'INET',
        transport: 'STREAM',
        source: { address: '192.0.2.1', port: 56324 },
        destination: { address: '198.51.100.7', port: 443 },
        tlvs: [],
      },
      byteLength: 45,
    })
  })

  test('of TCP6 is INET6 over STREAM, in RFC 5952 text whatever was written', () => {
    expect(headerOf(tcp6('2001:DB8:0:0:0:0:0:1 ::ABCD 0 65535'))).toMatchObject({
      family: 'INET6',
      transport: 'STREAM',
      source: { address: '2001:db8::1', port: 0 },
      destination: { address: '::abcd', port: 65535 },
    })
  })

  test.each([
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::c000:201', '64:ff9b::c000:201'],
    ['::', '::'],
    ['ffff::', 'ffff::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ])('of TCP6 with %s names %s', (written, due) => {
    expect(headerOf(tcp6(`${written} ::1 1 2`))).toMatchObject({ source: { address: due } })
  })

  test.each([
    'PROXY UNKNOWN\r\n',
    'PROXY UNKNOWN \r\n',
    'PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n',
    'PROXY UNKNOWN TCP4 1.2.3.4 5.6.7.8 1 2\r\n',
    'PROXY UNKNOWN \r\r\n',
    'PROXY UNKNOWN a\nb\rc\x00\xff  \t\r\n',
  ])('of UNKNOWN ignores all before CR LF: %j', (text) => {
    expect(decode(line(`${text}GET / HTTP/1.1\r\n`))).toEqual({
      status: 'complete',
      header: {
        version: 1,
        command: 'PROXY',
        family: 'UNSPEC',
        transport: 'UNSPEC',
        tlvs: [],
      },
      byteLength: text.length,
    })
  })
})

describe('the grammar of version 1', () => {
  test.each([
    // one space, six fields
    ['PROXY\tTCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'v1_malformed'],
    ['PROXY\r\n', 'v1_malformed'],
    ['PROXYTCP4', 'v1_malformed'],
    ['PROXY/1.1 ', 'v1_malformed'],
    ['PROXY TCP4\r\n', 'v1_malformed'],
    ['PROXY TCP6 \r\n', 'v1_malformed'],
    [tcp4('1.2.3.4'), 'v1_malformed'],
    [tcp4('1.2.3.4 5.6.7.8 1'), 'v1_malformed'],
    [tcp4('1.2.3.4 5.6.7.8 1 2 3'), 'v1_malformed'],
    [tcp4('1.2.3.4 5.6.7.8 1 2 '), 'v1_malformed'],
    [tcp4(' 1.2.3.4 5.6.7.8 1 2'), 'v1_malformed'],
    [tcp4('1.2.3.4  5.6.7.8 1 2'), 'v1_malformed'],
    [tcp4('1.2.3.4 5.6.7.8 1  2'), 'v1_malformed'],
    // family
    ['PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'v1_bad_family'],
    ['PROXY \r\n', 'v1_bad_family'],
    ['PROXY TCP\r\n', 'v1_bad_family'],
    ['PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n', 'v1_bad_family'],
    ['PROXY TCP44 1.2.3.4 5.6.7.8 1 2\r\n', 'v1_bad_family'],
    ['PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n', 'v1_bad_family'],
    ['PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n', 'v1_bad_family'],
    ['PROXY UNKNOWNS\r\n', 'v1_bad_family'],
    ['PROXY UNKNOW\r\n', 'v1_bad_family'],
    // addresses
    [tcp4('1.2.3.4 5.6.7.8.9 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.4 5.6.7 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.4 5.6.7. 1 2'), 'v1_bad_address'],
    [tcp4('.2.3.4 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('1..3.4 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.256 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.04 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.00 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.0x4 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('16909060 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.4294967300 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('localhost 5.6.7.8 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.4 ::1 1 2'), 'v1_bad_address'],
    [tcp6('::1 1.2.3.4 1 2'), 'v1_bad_address'],
    [tcp6('fe80::1%eth0 ::1 1 2'), 'v1_bad_address'],
    [tcp6('[::1] ::1 1 2'), 'v1_bad_address'],
    [tcp6('::1::2 ::1 1 2'), 'v1_bad_address'],
    [tcp6('12345::1 ::1 1 2'), 'v1_bad_address'],
    [tcp6('1:2:3:4:5:6:7 ::1 1 2'), 'v1_bad_address'],
    [tcp6('::ffff:1.2.3.04 ::1 1 2'), 'v1_bad_address'],
    [tcp6('::1\x00 ::1 1 2'), 'v1_bad_address'],
    [tcp4('1.2.3.4\t5.6.7.8 5.6.7.8 1 2'), 'v1_bad_address'],
    // ports
    [tcp4('1.2.3.4 5.6.7.8 1 \x00'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 1 '), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 -1 2'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 +1 2'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 01 2'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 1 65536'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 1 99999999999999999999'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 0x1 2'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 1e3 2'), 'v1_bad_port'],
    [tcp4('1.2.3.4 5.6.7.8 http 2'), 'v1_bad_port'],
    // one line, ended by CR LF
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n', 'v1_bad_terminator'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n\r\n', 'v1_bad_terminator'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rG', 'v1_bad_terminator'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n', 'v1_bad_terminator'],
    ['PROXY TCP4\n', 'v1_bad_terminator'],
    ['PROXY \n', 'v1_bad_terminator'],
    ['PROXY UNKNOWN\n', 'v1_bad_terminator'],
    ['PROXY UNKNOWN\rG', 'v1_bad_terminator'],
  ])('refuses %j: %s', (text, due) => {
    expect(said(text)).toBe(due)
  })

  test.each(['0.0.0.0', '255.255.255.255', '10.0.0.1', '100.100.100.100'])('reads %s', (text) => {
    expect(headerOf(tcp4(`${text} ${text} 1 2`))).toMatchObject({
      source: { address: text },
      destination: { address: text },
    })
  })

  test('agrees on every port, and on nothing beyond', () => {
    const ports = Array.from({ length: 65536 }, (_, port) => port)
    const read = ports.filter((port) => {
      const result = decode(line(tcp4(`1.2.3.4 5.6.7.8 ${port} ${65535 - port}`)))
      const { source, destination } = result.status === 'complete' ? result.header : {}
      return (
        source !== undefined &&
        'port' in source &&
        source.port === port &&
        destination !== undefined &&
        'port' in destination &&
        destination.port === 65535 - port
      )
    })
    expect(read.length).toBe(65536)
    expect(said(tcp4('1.2.3.4 5.6.7.8 65536 1'))).toBe('v1_bad_port')
  })

  test('says where and what, printable, whatever the peer sent', () => {
    expect(decode(line(tcp4('1.2.3.4 \x1b[2J" 1 2')))).toEqual({
      status: 'malformed',
      code: 'v1_bad_address',
      offset: 19,
      message: '"\\x1b[2J\\x22" is not an address of the family',
    })
    expect(decode(line(`PROXY ${'X'.repeat(90)}\r\n`))).toEqual({
      status: 'malformed',
      code: 'v1_bad_family',
      offset: 6,
      message: `"${'X'.repeat(48)}…" is not TCP4, TCP6 or UNKNOWN`,
    })
  })
})

/** Section 2.1 as one expression: a whole line of TCP4 at the start of the text. */
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])'
const ADDRESS = `(${OCTET}(?:\\.${OCTET}){3})`
const LINE = new RegExp(
  `^PROXY TCP4 ${ADDRESS} ${ADDRESS} (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})\r\n`,
)

function slowTcp4(text: string): object | undefined {
  const [all = '', source, destination, from, to] = LINE.exec(text) ?? []
  if (source === undefined || Number(from) > 65535 || Number(to) > 65535) return undefined
  return {
    status: 'complete',
    header: {
      source: { address: source, port: Number(from) },
      destination: { address: destination, port: Number(to) },
    },
    byteLength: all.length,
  }
}

describe('a version 1 line in which one byte is another one', () => {
  test.each([
    '192.0.2.1 198.51.100.7 56324 443',
    '1.20.255.0 100.99.9.249 0 65535',
    '0.0.0.0 255.255.255.255 65535 9',
  ])('is the line that it has become, or none: %s', (rest) => {
    const text = `${tcp4(rest)}GET`
    for (let at = 6; at < text.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1)
        const result = decode(line(changed))
        const due = slowTcp4(changed)
        if (due !== undefined) expect(result, changed).toMatchObject(due)
        else expect(result.status, changed).not.toBe('complete')
      }
    }
  })
})

describe('what starts a version 1 line', () => {
  test('is incomplete at every byte of the prefix', () => {
    const prefixes = ['', 'P', 'PR', 'PRO', 'PROX', 'PROXY', 'PROXY ']
    expect(prefixes.map((text) => said(text))).toEqual(prefixes.map(() => 'incomplete'))
  })

  test('is absent from the first other byte on, for every byte', () => {
    for (let at = 0; at < 5; at++) {
      const due = 'PROXY'.charCodeAt(at)
      const absent = Array.from({ length: 256 }, (_, byte) => {
        const text = 'PROXY'.slice(0, at) + String.fromCharCode(byte)
        return byte === due || (at === 0 && byte === 0x0d) || said(text) === 'absent'
      })
      expect(absent).toEqual(Array(256).fill(true))
    }
  })

  test.each(['POST / HTTP/1.1\r\n', 'PROPFIND', 'PUT /', 'GET /', '\x16\x03\x01', 'SSH-2.0'])(
    'is absent from %j',
    (text) => {
      expect(said(text)).toBe('absent')
    },
  )
})

describe('the length of a version 1 line', () => {
  const unknown = (length: number) => `PROXY UNKNOWN ${'x'.repeat(length - 16)}\r\n`

  test.each(Array.from({ length: 12 }, (_, step) => 101 + step))('of %i bytes', (length) => {
    const due = length <= 107 ? 'complete' : 'v1_too_long'
    expect(said(unknown(length))).toBe(due)
    expect(said(`${unknown(length)}GET / HTTP/1.1\r\n`)).toBe(due)
  })

  test.each([
    [105, 'x', 'incomplete'],
    [106, 'x', 'v1_too_long'],
    [106, '\r', 'incomplete'],
    [107, '\r', 'v1_too_long'],
    [107, '\n', 'v1_too_long'],
    [108, 'x', 'v1_too_long'],
    [5000, 'x', 'v1_too_long'],
  ])('%i bytes without CR LF that end in %j: %s', (length, last, due) => {
    expect(said(`${`PROXY UNKNOWN ${'x'.repeat(length)}`.slice(0, length - 1)}${last}`)).toBe(due)
  })

  test.each(['\n', '\r', 'x', '\0'])(
    'is refused alike with and without %j as 107th byte',
    (next) => {
      const start = `PROXY TCP4 ${'A'.repeat(95)}`
      expect(decode(line(start))).toEqual({
        status: 'malformed',
        code: 'v1_too_long',
        offset: 105,
        message: 'no CR LF within 107 bytes',
      })
      expect(decode(line(start + next))).toEqual(decode(line(start)))
    },
  )

  test('is limited by maxHeaderBytes below that', () => {
    const text = tcp4('1.2.3.4 5.6.7.8 1 2')
    expect(text.length).toBe(32)
    expect(said(text, { maxHeaderBytes: 32 })).toBe('complete')
    expect(said(text, { maxHeaderBytes: 31 })).toBe('v1_too_long')
    expect(said(text.slice(0, 30), { maxHeaderBytes: 31 })).toBe('v1_too_long')
    expect(said(text.slice(0, 29), { maxHeaderBytes: 31 })).toBe('incomplete')
    expect(said(unknown(108), { maxHeaderBytes: 4096 })).toBe('v1_too_long')
  })
})

describe('a line whose addresses are of both families', () => {
  /** What nginx writes behind another proxy: the family of the client, and its own end as it is. */
  const NGINX6 = tcp6('2001:db8::7 10.0.0.6 56324 443')
  const NGINX4 = tcp4('192.0.2.7 2001:db8:1::1 56324 443')
  const accept = { mixedFamilies: 'accept' } as const

  test('is refused, as section 2.1 has no form for it', () => {
    for (const text of [NGINX6, NGINX4]) {
      expect(said(text)).toBe('v1_bad_address')
      expect(said(text, { mixedFamilies: 'reject' })).toBe('v1_bad_address')
    }
  })

  test('is INET6 where it is accepted, with both ends as written', () => {
    expect(decode(line(NGINX6), accept)).toMatchObject({
      header: {
        family: 'INET6',
        source: { address: '2001:db8::7', port: 56324 },
        destination: { address: '10.0.0.6', port: 443 },
      },
    })
    expect(decode(line(NGINX4), accept)).toMatchObject({
      header: {
        family: 'INET6',
        source: { address: '192.0.2.7' },
        destination: { address: '2001:db8:1::1' },
      },
    })
  })

  test('is refused all the same where the source is not of the stated family', () => {
    expect(said(tcp6('192.0.2.7 2001:db8:1::1 56324 443'), accept)).toBe('v1_bad_address')
    expect(said(tcp4('2001:db8::7 192.0.2.1 56324 443'), accept)).toBe('v1_bad_address')
    expect(said(tcp4('2001:db8::7 2001:db8::1 56324 443'), accept)).toBe('v1_bad_address')
  })

  test('is refused all the same if an end is not an address', () => {
    for (const end of ['10.0.0.06', '10.0.0', '2001:db8::1%1', '[::1]', '']) {
      expect(said(tcp6(`2001:db8::7 ${end} 56324 443`), accept)).toBe('v1_bad_address')
    }
  })

  test('leaves a line of one family what it is', () => {
    const one = tcp4('192.0.2.1 198.51.100.7 56324 443')
    expect(decode(line(one), accept)).toEqual(decode(line(one)))
  })

  test('can be sent on', () => {
    const result = decode(line(NGINX6), accept)
    if (result.status !== 'complete') throw new Error(result.status)
    const again = decode(encodeHeader({ ...result.header, version: 2 }))
    expect(again).toMatchObject({ header: { source: { address: '2001:db8::7' } } })
  })
})
