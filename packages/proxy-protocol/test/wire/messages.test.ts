import { describe, expect, test } from 'vitest'
import { decode, decodeDatagram, encodeHeader, type HeaderInput } from '../../src/wire/index.js'
import { bytesOf, INET_BLOCK, line, v2 } from './bytes.js'

/** `offset code: message`. */
function refusal(bytes: Uint8Array, options?: Parameters<typeof decode>[1]): string {
  const result = decode(bytes, options)
  if (result.status !== 'malformed') return result.status
  return `${result.offset} ${result.code}: ${result.message}`
}

const tcp4 = (fields: string) => line(`PROXY TCP4 ${fields}\r\n`)
const withTlv = (hex: string) => v2('2111', `${INET_BLOCK} ${hex}`)

describe('a refused header says which bytes are wrong, and what is due', () => {
  test.each<[string, Uint8Array, string]>([
    ['no space', line('PROXYTCP4'), '5 v1_malformed: "PROXY" is not followed by one space'],
    [
      'family',
      line('PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n'),
      '6 v1_bad_family: "UDP4" is not TCP4, TCP6 or UNKNOWN',
    ],
    [
      'family without anything behind it',
      line('PROXY TCP\r\n'),
      '6 v1_bad_family: "TCP" is not TCP4, TCP6 or UNKNOWN',
    ],
    ['empty family', line('PROXY  TCP4\r\n'), '6 v1_bad_family: "" is not TCP4, TCP6 or UNKNOWN'],
    [
      'missing field',
      tcp4('1.2.3.4 5.6.7.8 1'),
      '6 v1_malformed: 5 fields, expected 6 with one space between them',
    ],
    [
      'field too many',
      tcp4('1.2.3.4 5.6.7.8 1 2 3'),
      '6 v1_malformed: 7 fields, expected 6 with one space between them',
    ],
    [
      'source address',
      tcp4('1.2.3.400 5.6.7.8 1 2'),
      '11 v1_bad_address: "1.2.3.400" is not an address of the family',
    ],
    [
      'destination address',
      tcp4('1.2.3.4 ::1 1 2'),
      '19 v1_bad_address: "::1" is not an address of the family',
    ],
    [
      'source port',
      tcp4('1.2.3.4 5.6.7.8 080 2'),
      '27 v1_bad_port: "080" is not a port from 0 to 65535 without leading zeros',
    ],
    [
      'destination port',
      tcp4('1.2.3.4 5.6.7.8 1 65536'),
      '29 v1_bad_port: "65536" is not a port from 0 to 65535 without leading zeros',
    ],
    ['CR alone', line('PROXY TCP4\r1.2.3.4'), '10 v1_bad_terminator: a CR without an LF after it'],
    ['LF alone', line('PROXY TCP4\n'), '10 v1_bad_terminator: an LF without a CR before it'],
    ['no end', line(`PROXY TCP4 ${'1'.repeat(200)}`), '105 v1_too_long: no CR LF within 107 bytes'],
    [
      'version',
      bytesOf('0d0a0d0a000d0a515549540a 31'),
      '12 v2_bad_version: byte 12 is 0x31, which is not version 2',
    ],
    [
      'command',
      bytesOf('0d0a0d0a000d0a515549540a 22'),
      '12 v2_bad_command: byte 12 is 0x22, which is not LOCAL (20) or PROXY (21)',
    ],
    [
      'address family',
      bytesOf('0d0a0d0a000d0a515549540a 2141'),
      '13 v2_bad_family: byte 13 is 0x41, which is not a known address family',
    ],
    [
      'transport',
      bytesOf('0d0a0d0a000d0a515549540a 2103'),
      '13 v2_bad_transport: byte 13 is 0x03, which is not a known transport',
    ],
    [
      'short block',
      bytesOf('0d0a0d0a000d0a515549540a 2111 000b'),
      '14 v2_short_address: length 11, but the addresses take 12',
    ],
    [
      'one byte after the TLVs',
      withTlv('04'),
      '28 tlv_truncated: 1 bytes left over after the last TLV',
    ],
    [
      'two bytes after the TLVs',
      withTlv('04 0001 00 ea 00'),
      '32 tlv_truncated: 2 bytes left over after the last TLV',
    ],
    [
      'value cut short',
      withTlv('04 0000 ea 0104 000000'),
      '31 tlv_truncated: TLV 0xea of 260 bytes has only 3 left',
    ],
    [
      'value that is not there',
      withTlv('04 0004'),
      '28 tlv_truncated: TLV 0x04 of 4 bytes has only 0 left',
    ],
    [
      'unique id',
      withTlv(`05 0081 ${'61'.repeat(129)}`),
      '31 unique_id_too_long: a unique id of 129 bytes, the limit is 128',
    ],
    [
      'SSL TLV without its head',
      withTlv('20 0004 00000000'),
      '31 ssl_tlv_malformed: an SSL TLV of 4 bytes, at least 5 are needed',
    ],
    [
      'sub-TLV beyond the SSL TLV',
      withTlv('20 0008 0100000000 210001'),
      '36 ssl_tlv_malformed: a sub-TLV reaches beyond the SSL TLV',
    ],
    [
      'checksum of three bytes',
      withTlv('03 0003 000000'),
      '31 crc_bad_length: a CRC32C of 3 bytes, expected 4',
    ],
  ])('%s', (_, bytes, due) => {
    expect(refusal(bytes)).toBe(due)
  })

  test('where a checksum occurs twice', () => {
    const tlvs = [{ type: 3, value: new Uint8Array(4) }]
    const once = encodeHeader({
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '192.0.2.1', port: 1 },
      destination: { address: '192.0.2.2', port: 2 },
      tlvs,
    })
    const twice = Uint8Array.from([...once, ...once.subarray(28)])
    twice[15] = 12 + 14
    expect(refusal(twice)).toBe('35 crc_duplicate: a second CRC32C TLV')
  })

  test('with both checksums, as words of eight digits', () => {
    expect(refusal(withTlv('03 0004 0000000a'))).toMatch(
      /^31 crc_mismatch: CRC32C 0x0000000a in the header, 0x[0-9a-f]{8} computed$/,
    )
  })

  test('where the limit was set lower', () => {
    expect(refusal(line(`PROXY TCP4 ${'1'.repeat(50)}`), { maxHeaderBytes: 40 })).toBe(
      '38 v1_too_long: no CR LF within 40 bytes',
    )
    expect(refusal(withTlv('04 0000'), { maxHeaderBytes: 30 })).toBe(
      '14 v2_too_long: a header of 31 bytes, the limit is 30',
    )
  })

  test('where a datagram ends inside its header', () => {
    expect(decodeDatagram(v2('2112', INET_BLOCK).subarray(0, 20))).toEqual({
      status: 'malformed',
      code: 'datagram_truncated',
      offset: 20,
      message: 'the datagram ends inside the header',
    })
  })
})

describe('bytes of the peer in a message', () => {
  const shown = (text: string) => refusal(tcp4(`${text} 5.6.7.8 1 2`))

  test.each([
    ['\x00\x01\x1f', '"\\x00\\x01\\x1f"'],
    ['\x7f\x80\xff', '"\\x7f\\x80\\xff"'],
    ['!~az', '"!~az"'],
    ['a"b\\c', '"a\\x22b\\x5cc"'],
  ])('%j are shown as %s', (text, due) => {
    expect(shown(text)).toContain(`: ${due} is not an address`)
  })

  test('are cut behind 48 of them', () => {
    expect(shown('1'.repeat(48))).toContain(`: "${'1'.repeat(48)}" is not`)
    expect(shown('1'.repeat(49))).toContain(`: "${'1'.repeat(48)}…" is not`)
  })
})

describe('a family is read whole', () => {
  test.each(['TCP4 1.2.3.4 5.6.7.8 1 2', 'TCP6 ::1 ::2 1 2', 'UNKNOWN'])(
    'PROXY %s with any byte of it changed is no header',
    (rest) => {
      const good = line(`PROXY ${rest}\r\n`)
      expect(decode(good).status).toBe('complete')
      const family = rest.split(' ')[0] ?? ''
      for (let at = 6; at < 6 + family.length; at++) {
        const changed = Uint8Array.from(good)
        changed[at] = 0x78
        expect(refusal(changed)).toContain('v1_bad_family')
      }
    },
  )
})

describe('an EncodeError', () => {
  const inet = {
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address: '192.0.2.1', port: 1 },
    destination: { address: '192.0.2.2', port: 2 },
  }
  const fails = (more: object) => {
    try {
      encodeHeader({ ...inet, ...more } as HeaderInput)
    } catch (error) {
      return `${(error as { code?: string }).code}: ${String(error)}`
    }
    return 'written'
  }

  test.each<[string, object, string]>([
    [
      'one end under LOCAL',
      { command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC', destination: undefined },
      'endpoint-unexpected: ',
    ],
    [
      'the other end under LOCAL',
      { command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC', source: undefined },
      'endpoint-unexpected: ',
    ],
    ['a destination that is a path', { destination: { path: '/a' } }, 'destination is a path'],
    ['a destination that is missing', { destination: undefined }, 'destination is missing'],
    ['a port of text', { source: { address: '192.0.2.1', port: '1' } }, 'source port 1: write'],
    [
      'a port of a destination',
      { destination: { address: '192.0.2.2', port: -1 } },
      'destination port -1: write an integer from 0 to 65535',
    ],
    ['a type below 0', { tlvs: [{ type: -1, value: new Uint8Array(1) }] }, 'tlv-value: '],
    [
      'a value that no length can name',
      { tlvs: [{ type: 4, value: new Uint8Array(65_536) }] },
      'tlv-value: ',
    ],
    [
      'a value that fills more than the header',
      { tlvs: [{ type: 4, value: new Uint8Array(65_535) }] },
      'header-length: ',
    ],
    [
      'UNIX in version 1, whatever the transport',
      {
        version: 1,
        family: 'UNIX',
        transport: 'DGRAM',
        source: { path: '/a' },
        destination: { path: '/b' },
      },
      "v1-family: EncodeError: version 1 has no family UNIX: write version 2, or 'UNSPEC'",
    ],
  ])('is what %s comes to', (_, more, said) => {
    expect(fails(more)).toContain(said)
  })
})
