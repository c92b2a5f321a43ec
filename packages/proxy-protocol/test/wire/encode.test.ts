import { describe, expect, test } from 'vitest'
import {
  decode,
  EncodeError,
  type EncodeOptions,
  encodeHeader,
  type HeaderInput,
} from '../../src/wire/index.js'
import { bytesOf, hexOf, INET_BLOCK, INET6_BLOCK, line, v2 } from './bytes.js'

const tcp4: HeaderInput = {
  version: 1,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '192.0.2.1', port: 56324 },
  destination: { address: '198.51.100.7', port: 443 },
}
const tcp6: HeaderInput = {
  ...tcp4,
  family: 'INET6',
  source: { address: '2001:db8::1', port: 56324 },
  destination: { address: '2001:db8::2', port: 443 },
}
const inet: HeaderInput = { ...tcp4, version: 2 }
const inet6: HeaderInput = { ...tcp6, version: 2 }
const unix: HeaderInput = {
  ...inet,
  family: 'UNIX',
  source: { path: '/run/a' },
  destination: { path: '/run/grüße' },
}
const local: HeaderInput = {
  version: 2,
  command: 'LOCAL',
  family: 'UNSPEC',
  transport: 'UNSPEC',
}
const unspec: HeaderInput = { ...local, command: 'PROXY' }

/** A header as a program without types would write it. */
const untyped = (header: object): HeaderInput => header as HeaderInput
const text = (header: HeaderInput) => Buffer.from(encodeHeader(header)).toString('latin1')
const hex = (header: HeaderInput, options?: EncodeOptions) => hexOf(encodeHeader(header, options))
const mapped = (v4: string) => `00000000000000000000ffff${v4}`

describe('version 1 is written', () => {
  test.each([
    ['TCP4', tcp4, 'PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n'],
    ['TCP6', tcp6, 'PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n'],
    ['UNKNOWN', { ...unspec, version: 1 } as const, 'PROXY UNKNOWN\r\n'],
    [
      'TCP6 for an IPv4 client of an IPv6 server, mapped in hexadecimal groups',
      { ...tcp4, destination: { address: '2001:db8::2', port: 443 } },
      'PROXY TCP6 ::ffff:c000:201 2001:db8::2 56324 443\r\n',
    ],
    [
      'TCP6 for an IPv6 client of an IPv4 server',
      { ...tcp6, destination: { address: '198.51.100.7', port: 443 } },
      'PROXY TCP6 2001:db8::1 ::ffff:c633:6407 56324 443\r\n',
    ],
    [
      'TCP6 for a mapped address',
      { ...tcp6, source: { address: '::ffff:0.0.2.1', port: 0 } },
      'PROXY TCP6 ::ffff:0:201 2001:db8::2 0 443\r\n',
    ],
  ])('%s', (_, header, due) => {
    expect(text(header)).toBe(due)
    expect(decode(line(due))).toMatchObject({ status: 'complete', byteLength: due.length })
  })

  test('in at most 107 bytes', () => {
    const widest = { address: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', port: 65535 }
    expect(text({ ...tcp6, source: widest, destination: widest }).length).toBe(104)
  })
})

describe('version 2 is written', () => {
  test.each<[string, HeaderInput, Uint8Array]>([
    ['INET over STREAM', inet, v2('2111', INET_BLOCK)],
    ['INET over DGRAM', { ...inet, transport: 'DGRAM' }, v2('2112', INET_BLOCK)],
    ['INET6 over STREAM', inet6, v2('2121', INET6_BLOCK)],
    ['INET6 over DGRAM', { ...inet6, transport: 'DGRAM' }, v2('2122', INET6_BLOCK)],
    ['LOCAL without a block', local, v2('2000')],
    ['UNSPEC without a block', unspec, v2('2100')],
    ['half-UNSPEC without a block', untyped({ ...unspec, family: 'INET6' }), v2('2100')],
    [
      'UNIX, filled up with NUL',
      unix,
      v2(
        '2131',
        Buffer.from('/run/a').toString('hex').padEnd(216, '0') +
          Buffer.from('/run/grüße').toString('hex').padEnd(216, '0'),
      ),
    ],
    [
      'INET6 for an IPv4 client of an IPv6 server',
      { ...inet, destination: { address: '2001:db8::2', port: 443 } },
      v2('2121', `${mapped('c0000201')} 20010db8000000000000000000000002 dc0401bb`),
    ],
    [
      'INET6 with the mapped form of two IPv4 addresses, where INET6 is asked for',
      { ...inet, family: 'INET6' },
      v2('2121', `${mapped('c0000201')} ${mapped('c6336407')} dc0401bb`),
    ],
    [
      'TLVs in the order given',
      {
        ...inet,
        tlvs: [
          { type: 0xe1, value: bytesOf('0102') },
          { type: 0x04, value: bytesOf('') },
        ],
      },
      v2('2111', `${INET_BLOCK} e1 0002 0102 04 0000`),
    ],
    [
      'LOCAL with TLVs',
      { ...local, tlvs: [{ type: 1, value: bytesOf('6832') }] },
      v2('2000', '01 0002 6832'),
    ],
  ])('%s', (_, header, due) => {
    expect(hex(header)).toBe(hexOf(due))
  })

  test('with a checksum that a balancer of AWS computes alike', () => {
    const aws: HeaderInput = {
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '172.31.7.113', port: 51442 },
      destination: { address: '172.31.10.31', port: 80 },
      tlvs: [
        { type: 0x03, value: new Uint8Array(4) },
        { type: 0xea, value: Buffer.from('\x01vpce-08d2bf15fac5001c9') },
        { type: 0x04, value: new Uint8Array(36) },
      ],
    }
    expect(hex(aws).slice(56, 70)).toBe('030004e8d6892d')
  })

  test('with a checksum at the end when asked for, and none otherwise', () => {
    expect(hex(inet, { crc32c: true })).toMatch(/^.{28}0013.{24}030004[0-9a-f]{8}$/)
    expect(hex(inet, { crc32c: false })).toBe(hex(inet))
    expect(decode(encodeHeader(inet, { crc32c: true }))).toMatchObject({ status: 'complete' })
    const verify = { crc32c: 'verify' } as never
    expect(() => encodeHeader(inet, verify)).toThrow(
      expect.objectContaining({ code: 'header-field' }),
    )
  })

  test('with the checksum recomputed if one is passed on', () => {
    const stale = { type: 0x03, value: bytesOf('deadbeef') }
    const other = { type: 0x02, value: bytesOf('61') }
    const passedOn = encodeHeader({ ...inet, tlvs: [stale, other] }, { crc32c: true })
    expect(passedOn.length).toBe(28 + 7 + 4)
    expect(decode(passedOn)).toMatchObject({ status: 'complete' })
    expect(hexOf(stale.value)).toBe('deadbeef')
  })

  test('up to 65,535 bytes of block and not one more', () => {
    const padding = (length: number) => ({
      ...inet,
      tlvs: [{ type: 4, value: new Uint8Array(length) }],
    })
    expect(encodeHeader(padding(65535 - 15)).length).toBe(65551)
    expect(() => encodeHeader(padding(65535 - 14))).toThrow(/65536 bytes of addresses and TLVs/)
  })
})

describe('what the specification has no form for is refused', () => {
  const bad = (header: HeaderInput, more: object) => untyped({ ...header, ...more })
  const end = (address: unknown, port: unknown = 1) => ({ source: { address, port } })
  const tlvs = (...list: object[]) => ({ tlvs: list })

  test.each<[string, HeaderInput, string, RegExp]>([
    ['no version', bad(inet, { version: 3 }), 'header-field', /version 3: write 1 or 2/],
    ['a misspelt part', bad(inet, { tlv: [] }), 'header-field', /"tlv" is not part of a header/],
    ['an unknown command', bad(inet, { command: 'proxy' }), 'header-field', /'PROXY' or 'LOCAL'/],
    ['an unknown family', bad(inet, { family: 'TCP4' }), 'header-field', /'INET', 'INET6'/],
    ['an unknown transport', bad(inet, { transport: 'TCP' }), 'header-field', /'STREAM', 'DGRAM'/],
    ['LOCAL in version 1', { ...local, version: 1 }, 'v1-command', /or version 2/],
    ['UNIX in version 1', { ...unix, version: 1 }, 'v1-family', /write version 2, or 'UNSPEC'/],
    ['an unknown family in version 1', bad(tcp4, { family: 'x' }), 'v1-family', /no family x/],
    ['DGRAM in version 1', { ...tcp4, transport: 'DGRAM' }, 'v1-transport', /'STREAM'/],
    ['no transport in version 1', { ...tcp4, transport: 'UNSPEC' }, 'v1-transport', /'STREAM'/],
    [
      'TLVs in version 1',
      { ...tcp4, tlvs: [{ type: 4, value: new Uint8Array(0) }] },
      'v1-tlvs',
      /version 2/,
    ],
    ['no source', bad(inet, { source: undefined }), 'endpoint-missing', /source .*'UNSPEC'/],
    ['no destination', bad(tcp6, { destination: undefined }), 'endpoint-missing', /destination/],
    ['no path', bad(unix, { destination: undefined }), 'endpoint-missing', /destination/],
    ['LOCAL with a source', { ...inet, command: 'LOCAL' }, 'endpoint-unexpected', /leave source/],
    ['UNSPEC with a source', { ...inet, family: 'UNSPEC' }, 'endpoint-unexpected', /leave source/],
    [
      'UNKNOWN with a source',
      bad(tcp4, { family: 'UNSPEC', transport: 'UNSPEC' }),
      'endpoint-unexpected',
      /leave/,
    ],
    ['a host name', bad(inet, end('localhost')), 'address-text', /source "localhost"/],
    ['a zone', bad(inet6, end('fe80::1%eth0')), 'address-text', /without port, zone or brackets/],
    ['brackets', bad(inet6, end('[::1]')), 'address-text', /brackets/],
    ['a port in the address', bad(inet, end('1.2.3.4:80')), 'address-text', /port/],
    ['a leading zero', bad(inet, end('01.2.3.4')), 'address-text', /write an address/],
    ['no text', bad(inet, end(undefined)), 'address-text', /source undefined/],
    ['two IPv6 ends in INET', { ...inet6, family: 'INET' }, 'address-family', /write 'INET6'/],
    ['a path in INET', bad(inet, { source: { path: '/a' } }), 'address-family', /'UNIX'/],
    ['port -1', bad(inet, end('1.2.3.4', -1)), 'port-range', /source port -1/],
    ['port 65536', bad(inet, end('1.2.3.4', 65536)), 'port-range', /0 to 65535/],
    ['port 80.5', bad(tcp4, end('1.2.3.4', 80.5)), 'port-range', /an integer from 0 to 65535/],
    ['port NaN', bad(tcp4, end('1.2.3.4', Number.NaN)), 'port-range', /NaN/],
    ['port "80"', bad(tcp4, end('1.2.3.4', '80')), 'port-range', /port 80/],
    ['no port', bad(inet, { source: { address: '1.2.3.4' } }), 'port-range', /undefined/],
    [
      'a path of 109 bytes',
      { ...unix, source: { path: 'x'.repeat(109) } },
      'unix-path',
      /108 bytes/,
    ],
    [
      'a path of 55 characters, 110 bytes',
      { ...unix, source: { path: 'ü'.repeat(55) } },
      'unix-path',
      /UTF-8/,
    ],
    ['NUL in a path', { ...unix, source: { path: '\0abstract' } }, 'unix-path', /without NUL/],
    ['a lone surrogate in a path', { ...unix, source: { path: '\ud800' } }, 'unix-path', /UTF-8/],
    ['an address in UNIX', { ...inet, family: 'UNIX' }, 'unix-path', /source path undefined/],
    [
      'TLV type 256',
      bad(inet, tlvs({ type: 256, value: new Uint8Array(0) })),
      'tlv-value',
      /TLV 256/,
    ],
    [
      'TLV type 1.5',
      bad(inet, tlvs({ type: 1.5, value: new Uint8Array(0) })),
      'tlv-value',
      /0 to 255/,
    ],
    ['a TLV of text', bad(inet, tlvs({ type: 1, value: 'h2' })), 'tlv-value', /Uint8Array/],
    [
      'a TLV of 65536 bytes',
      bad(inet, tlvs({ type: 1, value: new Uint8Array(65536) })),
      'tlv-value',
      /65535/,
    ],
    [
      'a unique id of 129 bytes',
      bad(inet, tlvs({ type: 5, value: new Uint8Array(129) })),
      'tlv-value',
      /128/,
    ],
    [
      'an SSL TLV of 4 bytes',
      bad(inet, tlvs({ type: 0x20, value: new Uint8Array(4) })),
      'tlv-value',
      /SSL/,
    ],
    [
      'a CRC32C of 3 bytes',
      bad(inet, tlvs({ type: 3, value: new Uint8Array(3) })),
      'tlv-value',
      /4 bytes/,
    ],
    [
      'two CRC32C TLVs',
      bad(inet, tlvs({ type: 3, value: new Uint8Array(4) }, { type: 3, value: new Uint8Array(4) })),
      'tlv-value',
      /at most one/,
    ],
    [
      'TLVs behind a family without its addresses',
      bad(local, { family: 'INET', tlvs: [{ type: 4, value: new Uint8Array(0) }] }),
      'tlv-position',
      /write family 'UNSPEC'/,
    ],
    [
      'more TLVs than the length can say',
      bad(
        inet,
        tlvs({ type: 4, value: new Uint8Array(40000) }, { type: 4, value: new Uint8Array(40000) }),
      ),
      'header-length',
      /at most 65535/,
    ],
  ])('%s', (_, header, code, message) => {
    expect(() => encodeHeader(header)).toThrow(
      expect.objectContaining({
        name: 'EncodeError',
        code,
        message: expect.stringMatching(message),
      }),
    )
  })

  test('a checksum in version 1', () => {
    expect(() => encodeHeader(tcp4, { crc32c: true })).toThrow(EncodeError)
  })

  test('but a path of 108 bytes and an empty one are fine', () => {
    const bytes = encodeHeader({
      ...unix,
      source: { path: 'ü'.repeat(54) },
      destination: { path: '' },
    })
    expect(decode(bytes)).toMatchObject({
      header: { source: { path: 'ü'.repeat(54) }, destination: { path: '' } },
    })
  })
})

/** Section 2.2: 0x00 is UNSPEC, for a receiver that must not look for addresses. */
describe('the family byte without addresses is 0x00', () => {
  test.each<[string, HeaderInput, string]>([
    [
      'LOCAL of a health check over TCP and IPv4',
      { ...local, family: 'INET', transport: 'STREAM' },
      '20000000',
    ],
    ['LOCAL over a Unix socket', { ...local, family: 'UNIX', transport: 'STREAM' }, '20000000'],
    ['PROXY of an unknown transport', { ...unspec, family: 'INET' }, '21000000'],
    ['PROXY of an unknown family', { ...unspec, transport: 'STREAM' }, '21000000'],
  ])('%s', (_, header, expected) => {
    expect(hex(header).slice(24)).toBe(expected)
  })
})

describe('a header that is not of the shape its type says', () => {
  test.each<[string, unknown, string]>([
    ['no header', undefined, 'header'],
    ['null', null, 'header'],
    ['text', 'PROXY', 'header'],
    ['source: null', { ...inet, source: null }, 'source'],
    ['source as text', { ...inet, source: '192.0.2.1' }, 'source'],
    ['destination as a number', { ...inet, destination: 7 }, 'destination'],
    ['source: null in version 1', { ...tcp4, source: null }, 'source'],
    ['source: null under LOCAL', { ...local, source: null }, 'source'],
    ['tlvs as text', { ...inet, tlvs: 'abc' }, 'tlvs'],
    ['tlvs: null', { ...inet, tlvs: null }, 'tlvs'],
    ['tlvs: [null]', { ...inet, tlvs: [null] }, 'tlvs[0]'],
    ['a hole in tlvs', { ...inet, tlvs: new Array(1) }, 'tlvs[0]'],
    [
      'tlvs: [undefined]',
      { ...inet, tlvs: [{ type: 5, value: new Uint8Array(1) }, undefined] },
      'tlvs[1]',
    ],
    ['a TLV without value', { ...inet, tlvs: [{ type: 5 }] }, 'tlvs[0]'],
    ['a port as text', { ...inet, source: { address: '192.0.2.1', port: '1' } }, 'source.port'],
  ])('%s', (_, header, path) => {
    const write = () => encodeHeader(header as HeaderInput)
    expect(write).toThrow(EncodeError)
    expect(write).toThrow(expect.objectContaining({ path }))
  })
})

test('an option that does not exist is an error: without it the header would have no checksum', () => {
  const options: object = { crc32: true }
  const header = { version: 2, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC' } as const
  expect(() => encodeHeader(header, options)).toThrow('crc32 is not an option: write crc32c')
})
