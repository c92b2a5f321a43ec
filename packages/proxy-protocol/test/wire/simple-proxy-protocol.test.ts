import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSimpleProxyProtocol } from '../../src/index.js'

/** Client 198.51.100.7:51442, proxy 203.0.113.80:53, written out field by field. */
const IPV4 = [
  '56ec',
  '00000000000000000000ffffc6336407',
  '00000000000000000000ffffcb007150',
  'c8f2',
  '0035',
].join('')

const IPV6 = [
  '56ec',
  '20010db8000000000000000000000007',
  '20010db8000f00000000000000000050',
  'c8f2',
  '0035',
].join('')

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

describe('the Simple Proxy Protocol', () => {
  test.each([
    [IPV4, '198.51.100.7', '203.0.113.80'],
    [IPV6, '2001:db8::7', '2001:db8:f::50'],
  ])('%s names client and proxy, before what the client sent', (hex, client, proxy) => {
    const message = Buffer.concat([bytes(hex), Buffer.from('query')])
    expect(decodeSimpleProxyProtocol(message)).toEqual({
      status: 'complete',
      source: { address: client, port: 51_442 },
      destination: { address: proxy, port: 53 },
      byteLength: 38,
      payload: Buffer.from('query'),
    })
  })

  test('a message of nothing but the header has an empty payload', () => {
    const result = decodeSimpleProxyProtocol(bytes(IPV4))
    expect(result.status === 'complete' && result.payload.length).toBe(0)
  })

  test('a message that ends inside the header is malformed, as nothing will follow', () => {
    for (let length = 2; length < 38; length++) {
      expect(decodeSimpleProxyProtocol(bytes(IPV4).subarray(0, length))).toMatchObject({
        status: 'malformed',
        code: 'datagram_truncated',
        offset: length,
      })
    }
  })

  test.each(['', '56', 'ec56', '0d0a0d0a000d0a515549540a'])('%s is not such a header', (hex) => {
    expect(decodeSimpleProxyProtocol(bytes(hex))).toEqual({ status: 'absent' })
  })

  test('no bytes make it throw, wherever they lie in memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(8), (message, before) => {
        const shifted = Buffer.concat([Buffer.alloc(before), message]).subarray(before)
        expect(decodeSimpleProxyProtocol(shifted).status).toBe(
          decodeSimpleProxyProtocol(message).status,
        )
      }),
    )
  })
})
