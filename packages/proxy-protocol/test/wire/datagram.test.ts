import { describe, expect, test } from 'vitest'
import { decodeDatagram } from '../../src/wire/index.js'
import { bytesOf, INET_BLOCK, line, v2 } from './bytes.js'

const header = v2('2112', INET_BLOCK)

describe('decodeDatagram', () => {
  test('gives the header and a view of what follows', () => {
    const message = Buffer.concat([header, Buffer.from('payload')])
    const result = decodeDatagram(message)
    expect(result).toMatchObject({
      status: 'complete',
      header: {
        family: 'INET',
        transport: 'DGRAM',
        source: { address: '192.0.2.1', port: 56324 },
      },
      byteLength: 28,
    })
    const payload = result.status === 'complete' ? result.payload : new Uint8Array(0)
    expect(Buffer.from(payload).toString()).toBe('payload')
    message[28] = 0x50
    expect(Buffer.from(payload).toString()).toBe('Payload')
  })

  test('gives an empty payload where the header is all', () => {
    expect(decodeDatagram(header)).toMatchObject({ status: 'complete', payload: bytesOf('') })
  })

  test.each([
    ['no bytes', new Uint8Array(0)],
    ['other bytes', Buffer.from('just application data')],
    ['part of the signature', header.subarray(0, 11)],
    ['a broken signature', bytesOf('0d0a0d0a010d0a515549540a2112000c')],
    ['a version 1 line, which is for streams', line('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n')],
    ['part of a version 1 line', line('PROXY')],
  ])('is absent in %s', (_, message) => {
    expect(decodeDatagram(message)).toEqual({ status: 'absent' })
  })

  test('refuses a message that ends inside its header, at every length', () => {
    const codes = Array.from({ length: 28 - 12 }, (_, step) => {
      const result = decodeDatagram(header.subarray(0, 12 + step))
      return result.status === 'malformed' ? [result.code, result.offset] : [result.status]
    })
    expect(codes).toEqual(codes.map((_, step) => ['datagram_truncated', 12 + step]))
  })

  test('refuses what decode refuses', () => {
    expect(decodeDatagram(v2('2112', `${INET_BLOCK} 04`))).toMatchObject({ code: 'tlv_truncated' })
    expect(decodeDatagram(header, { maxHeaderBytes: 27 })).toMatchObject({ code: 'v2_too_long' })
  })
})
