import { decode, type ProxyHeader } from '@truehop/proxy-protocol/wire'
import { describe, expect, test } from 'vitest'
import { proxyHeader } from '../../../test/bytes/proxy-header.js'
import { definePolicy, resolve } from '../src/portable.js'

const POLICY = definePolicy({
  hops: [{ name: 'lb', from: ['10.0.0.0/8'], asserts: 'proxy-protocol' }],
})

const hex = (bytes: string | Uint8Array) =>
  Buffer.from(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes).toString('hex')

/** Section 2.2: type, length in two bytes, value. */
function tlv(type: number, value: string | Uint8Array): string {
  const head = Buffer.of(type, value.length >> 8, value.length & 0xff)
  return hex(head) + hex(value)
}

/** TCP over IPv4 from `source`, as hexadecimal digits, to 10.0.0.5; `head` is PROXY or LOCAL. */
function header(tlvs: string, source = 'c6336407', head = '21 11'): ProxyHeader {
  const result = decode(proxyHeader(head, `${source} 0a000005 c8f2 01bb ${tlvs}`))
  if (result.status !== 'complete') throw new Error(JSON.stringify(result))
  return result.header
}

const identity = (proxyHeaders: readonly ProxyHeader[], peer = '10.0.0.5') =>
  resolve(POLICY, { peer, proxyHeaders })

describe('TLVs by name, of the header that the walk read', () => {
  test.each<[string, string, object]>([
    ['UNIQUE_ID', tlv(0x05, 'A1:B2-3'), { uniqueId: 'A1:B2-3' }],
    ['UNIQUE_ID of any bytes', tlv(0x05, Uint8Array.of(0, 0x7f, 0xff)), { uniqueId: '0x007fff' }],
    ['UNIQUE_ID with a line feed', tlv(0x05, 'a\nb'), { uniqueId: '0x610a62' }],
    ['UNIQUE_ID, the longest', tlv(0x05, 'x'.repeat(128)), { uniqueId: 'x'.repeat(128) }],
    [
      'UNIQUE_ID, the longest of any bytes',
      tlv(5, '\0'.repeat(128)),
      { uniqueId: `0x${'00'.repeat(128)}` },
    ],
    ['an empty UNIQUE_ID', tlv(0x05, ''), {}],
    ['ALPN', tlv(0x01, 'h2'), { alpn: 'h2' }],
    ['ALPN with a control character', tlv(0x01, 'h2\n'), {}],
    ['ALPN over 255 bytes', tlv(0x01, 'h'.repeat(256)), {}],
    ['AUTHORITY', tlv(0x02, 'Shop.Example'), { authority: 'shop.example' }],
    ['AUTHORITY that is no host', tlv(0x02, 'a b/"<script>'), {}],
    ['AUTHORITY over 255 bytes', tlv(0x02, 'a'.repeat(256)), {}],
    [
      'AWS, the endpoint',
      tlv(0xea, '\x01vpce-08d2bf15fac5001c9'),
      { awsVpcEndpointId: 'vpce-08d2bf15fac5001c9' },
    ],
    ['AWS, another subtype', tlv(0xea, '\x02vpce-08d2bf15fac5001c9'), {}],
    ['AWS, no endpoint', tlv(0xea, '\x01vpce-\u001b[31m'), {}],
    ['Azure', tlv(0xee, Uint8Array.of(1, 4, 3, 2, 1)), { azureLinkId: 0x01020304 }],
    ['Google', tlv(0xe0, '\xff'.repeat(8)), { googlePscConnectionId: '18446744073709551615' }],
    ['two of one type', tlv(0x05, 'first') + tlv(0x05, 'second'), { uniqueId: 'first' }],
    ['one that nobody knows', tlv(0xe7, 'x'), {}],
  ])('%s', (_, tlvs, named) => {
    expect(identity([header(tlvs)]).tlvs).toEqual(named)
  })

  test('are undefined without TLVs, and in LOCAL, whose block nobody reads', () => {
    expect(identity([header('')]).tlvs).toBeUndefined()
    expect(identity([header(tlv(5, 'a'), 'c6336407', '20 11')]).tlvs).toBeUndefined()
  })

  test('are never those of a peer that no rule trusts', () => {
    const sent = [header(tlv(5, 'forged'))]
    expect(identity(sent, '203.0.113.9')).toMatchObject({ ip: '203.0.113.9', tlvs: undefined })
  })

  test('are not those of a second header whose sender no rule trusts', () => {
    const forged = header(tlv(5, 'forged'), 'cb007107')
    expect(identity([header(''), forged])).toMatchObject({ ip: '198.51.100.7', tlvs: undefined })
    expect(identity([header(tlv(5, 'a')), forged]).tlvs).toEqual({ uniqueId: 'a' })
  })

  test('are those of the hop nearest to the client, and not mixed with those of others', () => {
    const outer = header(tlv(5, 'outer') + tlv(1, 'h2'), '0a000006')
    expect(identity([outer, header(tlv(5, 'inner'))])).toMatchObject({ ip: '198.51.100.7' })
    expect(identity([outer, header(tlv(5, 'inner'))]).tlvs).toEqual({ uniqueId: 'inner' })
  })

  test('are there where a trusted header names nobody', () => {
    const named = identity([header(tlv(5, 'a'), '00000000')])
    expect(named).toMatchObject({ status: 'undetermined', tlvs: { uniqueId: 'a' } })
  })

  test('are one object that cannot be changed, and stand in JSON', () => {
    const headers = [header(tlv(5, 'a') + tlv(0xe0, '\0\0\0\0\0\0\0\x07'))]
    const { tlvs } = identity(headers)
    expect(Object.isFrozen(tlvs)).toBe(true)
    expect(identity(headers).tlvs).toBe(tlvs)
    expect(JSON.parse(JSON.stringify(identity(headers)))).toMatchObject({
      tlvs: { uniqueId: 'a', googlePscConnectionId: '7' },
    })
  })
})
