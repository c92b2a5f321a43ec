import { describe, expect, test } from 'vitest'
import { SIGNATURE } from '../../../../test/bytes/proxy-header.js'
import { type DecodeOptions, decode } from '../../src/wire/index.js'
import { bytesOf, INET_BLOCK, INET6_BLOCK, v2 } from './bytes.js'

const said = (bytes: Uint8Array, options?: DecodeOptions) => {
  const result = decode(bytes, options)
  return result.status === 'malformed' ? result.code : result.status
}
const path = (text: string) => Buffer.from(text.padEnd(108, '\0')).toString('hex')
const preamble = (head: string, length: number) =>
  bytesOf(SIGNATURE + head + length.toString(16).padStart(4, '0'))

describe('a version 2 header', () => {
  test('of INET names both ends', () => {
    expect(decode(v2('2111', INET_BLOCK))).toEqual({
      status: 'complete',
      header: {
        version: 2,
        command: 'PROXY',
        family: 'INET',
        transport: 'STREAM',
        source: { address: '192.0.2.1', port: 56324 },
        destination: { address: '198.51.100.7', port: 443 },
        tlvs: [],
      },
      byteLength: 28,
    })
  })

  test('of INET6 names both ends', () => {
    expect(decode(v2('2122', INET6_BLOCK))).toEqual({
      status: 'complete',
      header: {
        version: 2,
        command: 'PROXY',
        family: 'INET6',
        transport: 'DGRAM',
        source: { address: '2001:db8::1', port: 56324 },
        destination: { address: '2001:db8::2', port: 443 },
        tlvs: [],
      },
      byteLength: 52,
    })
  })

  test.each([
    ['/run/app.sock', '/run/app.sock'],
    ['', ''],
    ['x'.repeat(108), 'x'.repeat(108)],
    ['/run/grüße.sock', '/run/grüße.sock'],
    ['/a\0b', '/a'],
    ['\0abstract', ''],
  ])('of UNIX with the bytes of %j names the path %j', (written, due) => {
    const bytes = Buffer.alloc(108)
    bytes.write(written)
    expect(decode(v2('2131', bytes.toString('hex') + path('/b')))).toMatchObject({
      header: { family: 'UNIX', source: { path: due }, destination: { path: '/b' } },
      byteLength: 232,
    })
  })

  test('of UNIX with ill-formed UTF-8 shows U+FFFD and does not throw', () => {
    const block = `2fff${'00'.repeat(106)}${path('/b')}`
    expect(decode(v2('2131', block))).toMatchObject({ header: { source: { path: '/\ufffd' } } })
  })

  test('keeps the same text for a destination that changes from header to header', () => {
    const destinations = ['01020304', '05060708', '05060708', '01020304', '00000000'].map(
      (word) => {
        const result = decode(v2('2111', `c0000201 ${word} 0001 0002`))
        return result.status === 'complete' && result.header.destination
      },
    )
    const due = ['1.2.3.4', '5.6.7.8', '5.6.7.8', '1.2.3.4', '0.0.0.0']
    expect(destinations).toEqual(due.map((address) => ({ address, port: 2 })))
  })

  test('names each of more destinations than it remembers', () => {
    for (let i = 0; i < 3000; i++) {
      const address = [i % 5, (i * 7) & 255, (i >> 8) * 16, i & 255]
      const word = Buffer.from(address).toString('hex')
      const result = decode(v2('2111', `c0000201 ${word} 0001 0002`))
      const due = { header: { destination: { address: address.join('.'), port: 2 } } }
      expect(result).toMatchObject(due)
    }
  })

  test('shares no memory with the bytes it was read from', () => {
    const bytes = v2('2111', `${INET_BLOCK} 02 0003 666f6f`)
    const result = decode(bytes)
    bytes.fill(0)
    expect(result).toMatchObject({
      header: { source: { address: '192.0.2.1' }, tlvs: [{ type: 2, value: bytesOf('666f6f') }] },
    })
  })
})

describe('all 65,536 pairs of version/command and family/transport', () => {
  const ADDRESS_BYTES: Record<number, number> = { 1: 12, 2: 36, 3: 216 }

  /** Section 2.2, sentence by sentence. */
  function due(first: number, second: number): string {
    if (first >> 4 !== 2) return 'v2_bad_version'
    const command = first & 15
    if (command === 0) return 'complete without addresses'
    if (command !== 1) return 'v2_bad_command'
    const [family, transport] = [second >> 4, second & 15]
    if (!(family in ADDRESS_BYTES) && family !== 0) return 'v2_bad_family'
    if (transport > 2) return 'v2_bad_transport'
    return family === 0 || transport === 0
      ? 'complete without addresses'
      : `complete with ${['', 'INET', 'INET6', 'UNIX'][family]} ${['', 'STREAM', 'DGRAM'][transport]}`
  }

  function got(bytes: Uint8Array): string {
    const result = decode(bytes)
    if (result.status !== 'complete')
      return result.status === 'malformed' ? result.code : result.status
    const { source, destination, family, transport } = result.header
    if (result.byteLength !== 232) return `complete with ${result.byteLength} bytes`
    if (source === undefined && destination === undefined) return 'complete without addresses'
    return `complete with ${family} ${transport}`
  }

  test('are what section 2.2 says, with a block that holds any address', () => {
    const bytes = v2('0000', '00'.repeat(216))
    const wrong: string[] = []
    for (let pair = 0; pair < 65536; pair++) {
      bytes[12] = pair >> 8
      bytes[13] = pair & 255
      const [is, should] = [got(bytes), due(pair >> 8, pair & 255)]
      if (is !== should) wrong.push(`${pair.toString(16)}: ${is}, not ${should}`)
    }
    expect(wrong).toEqual([])
  })

  test('are refused as soon as the byte is there, and never before', () => {
    const wrong: string[] = []
    for (let pair = 0; pair < 65536; pair++) {
      const bytes = v2(pair.toString(16).padStart(4, '0'))
      const whole = due(pair >> 8, pair & 255)
      const atByte = whole.startsWith('complete') ? 'incomplete' : whole
      const seesFirst = /version|command/.test(whole) ? whole : 'incomplete'
      if (said(bytes.subarray(0, 13)) !== seesFirst) wrong.push(`${pair}: 13 bytes`)
      if (said(bytes.subarray(0, 14)) !== atByte) wrong.push(`${pair}: 14 bytes`)
      if (said(bytes.subarray(0, 15)) !== atByte) wrong.push(`${pair}: 15 bytes`)
    }
    expect(wrong).toEqual([])
  })
})

describe('the signature', () => {
  test('is incomplete at every byte of it', () => {
    const bytes = bytesOf(SIGNATURE)
    const statuses = Array.from({ length: 13 }, (_, length) => said(bytes.subarray(0, length)))
    expect(statuses).toEqual(Array(13).fill('incomplete'))
  })

  test('is absent from the first other byte on, for every byte', () => {
    for (let at = 1; at < 12; at++) {
      const bytes = bytesOf(SIGNATURE).subarray(0, at + 1)
      const due = bytes[at]
      const wrong = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => {
        bytes[at] = byte
        return said(bytes) !== (byte === due ? 'incomplete' : 'absent')
      })
      expect(wrong).toEqual([])
    }
  })
})

describe('the length field', () => {
  test.each([
    ['2111', 12],
    ['2112', 12],
    ['2121', 36],
    ['2122', 36],
    ['2131', 216],
    ['2132', 216],
  ])('of %s is refused below %i with 16 bytes available', (head, due) => {
    for (let length = 0; length <= due + 8; length++) {
      const status = length < due ? 'v2_short_address' : 'incomplete'
      expect([length, said(preamble(head, length))]).toEqual([length, status])
    }
  })

  test.each(['2111', '2121', '2131'])(
    'of %s counts one or two bytes more as a broken TLV',
    (head) => {
      const due = { 2111: 12, 2121: 36, 2131: 216 }[head] ?? 0
      const statuses = [0, 1, 2, 3].map((extra) => said(v2(head, '00'.repeat(due + extra))))
      expect(statuses).toEqual(['complete', 'tlv_truncated', 'tlv_truncated', 'complete'])
    },
  )

  test.each(['20', '21'])(
    'skips any block of %s 00, whole or not, addresses or noise',
    (command) => {
      for (const length of [0, 1, 2, 3, 11, 12, 13, 35, 36, 37, 215, 216, 217, 4000, 65535]) {
        const bytes = v2(`${command}00`, 'ff'.repeat(length))
        expect(decode(Buffer.concat([bytes, Buffer.from('payload')]))).toEqual({
          status: 'complete',
          header: {
            version: 2,
            command: command === '20' ? 'LOCAL' : 'PROXY',
            family: 'UNSPEC',
            transport: 'UNSPEC',
            tlvs: [],
          },
          byteLength: 16 + length,
        })
        if (length > 0) expect(said(bytes.subarray(0, 15 + length))).toBe('incomplete')
      }
    },
  )

  test('skips TLVs where the addresses of a LOCAL header would be, as a health check of AWS', () => {
    const block = `03 0004 00000000 ea 0017 01${'61'.repeat(22)} 04 0003 000000`
    expect(decode(v2('2011', block))).toEqual({
      status: 'complete',
      header: {
        version: 2,
        command: 'LOCAL',
        family: 'INET',
        transport: 'STREAM',
        tlvs: [],
      },
      byteLength: 16 + 7 + 26 + 6,
    })
  })

  test.each([
    ['2040', 'UNSPEC', 'UNSPEC'],
    ['20ff', 'UNSPEC', 'UNSPEC'],
    ['2013', 'INET', 'UNSPEC'],
    ['2092', 'UNSPEC', 'DGRAM'],
  ])('skips the block of LOCAL %s, family %s and transport %s', (head, family, transport) => {
    expect(decode(v2(head, '0102030405'))).toEqual({
      status: 'complete',
      header: { version: 2, command: 'LOCAL', family, transport, tlvs: [] },
      byteLength: 21,
    })
  })

  test.each(['2110', '2120', '2130', '2101', '2102'])(
    'asks no addresses of half-UNSPEC %s',
    (head) => {
      for (const length of [0, 1, 12, 216]) {
        const result = decode(v2(head, '7f'.repeat(length)))
        expect(result).toMatchObject({ status: 'complete', byteLength: 16 + length })
        expect(result).not.toHaveProperty('header.source')
      }
    },
  )

  test('holds a header of 65,551 bytes', () => {
    const tlv = `e1 ${(65535 - 15).toString(16)} ${'5a'.repeat(65535 - 15)}`
    const bytes = v2('2111', INET_BLOCK + tlv)
    expect(bytes.length).toBe(65551)
    expect(decode(bytes)).toMatchObject({ status: 'complete', byteLength: 65551 })
    expect(said(bytes.subarray(0, 65550))).toBe('incomplete')
  })

  test('is refused beyond maxHeaderBytes before a byte of the block is there', () => {
    const at = (length: number) => said(preamble('2111', length), { maxHeaderBytes: 536 })
    expect([at(520), at(521), at(65535)]).toEqual(['incomplete', 'v2_too_long', 'v2_too_long'])
    const local = said(preamble('2000', 521), { maxHeaderBytes: 536 })
    expect(local).toBe('v2_too_long')
    expect(said(v2('2111', INET_BLOCK), { maxHeaderBytes: 28 })).toBe('complete')
    expect(said(v2('2111', INET_BLOCK), { maxHeaderBytes: 27 })).toBe('v2_too_long')
  })
})
