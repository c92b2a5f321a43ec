import { describe, expect, test } from 'vitest'
import { type DecodeOptions, decode, TlvType, tlvViews } from '../../src/wire/index.js'
import { bytesOf, hexOf, INET_BLOCK, v2 } from './bytes.js'

const tlv = (type: number, value: string) => {
  const length = bytesOf(value).length
  return type.toString(16).padStart(2, '0') + length.toString(16).padStart(4, '0') + value
}
const text = (value: string) => Buffer.from(value).toString('hex')
const withTlvs = (...tlvs: string[]) => v2('2111', INET_BLOCK + tlvs.join(''))
const said = (bytes: Uint8Array, options?: DecodeOptions) => {
  const result = decode(bytes, options)
  return result.status === 'malformed' ? result.code : result.status
}
const viewsOf = (...tlvs: string[]) => {
  const result = decode(withTlvs(...tlvs))
  return tlvViews(result.status === 'complete' ? result.header : { tlvs: [] })
}

/** From an AWS Network Load Balancer: CRC32C, VPC endpoint id, NOOP. */
const AWS = bytesOf(
  '0d0a0d0a000d0a515549540a21110054ac1f0771ac1f0a1fc8f20050030004e8d6892dea001701767063652d3038643262663135666163353030316339040024' +
    '00'.repeat(36),
)

describe('the raw TLVs', () => {
  test('are all there in the order sent, repeated and unknown ones too', () => {
    const result = decode(
      withTlvs(tlv(0xe3, '01'), tlv(0, ''), tlv(0xf0, 'aabb'), tlv(0xff, 'cc'), tlv(0xe3, '02')),
    )
    expect(result).toMatchObject({
      status: 'complete',
      header: {
        tlvs: [
          { type: 0xe3, value: bytesOf('01') },
          { type: 0, value: bytesOf('') },
          { type: 0xf0, value: bytesOf('aabb') },
          { type: 0xff, value: bytesOf('cc') },
          { type: 0xe3, value: bytesOf('02') },
        ],
      },
    })
  })

  test.each([
    ['one byte left over', '04', 28],
    ['two bytes left over', '0400', 28],
    ['a value one byte short', '040002aa', 28],
    ['a length far beyond the header', '04ffff', 28],
    ['a good TLV before a short one', '040001aa 020002bb', 32],
  ])('refuse the header for %s', (_, tlvs, offset) => {
    expect(decode(withTlvs(tlvs))).toMatchObject({
      status: 'malformed',
      code: 'tlv_truncated',
      offset,
    })
  })

  test('end where the header ends, whatever follows on the connection', () => {
    const bytes = Buffer.concat([withTlvs('040004aabb'), bytesOf('ccdd')])
    expect(said(bytes)).toBe('tlv_truncated')
  })

  test('may be as many as the header holds', () => {
    const count = Math.floor((65535 - 12) / 3)
    const result = decode(withTlvs('e10000'.repeat(count)))
    expect(result.status === 'complete' && result.header.tlvs.length).toBe(21841)
  })
})

describe('the views', () => {
  test('of a header without TLVs are undefined', () => {
    const views = viewsOf()
    expect([views.alpn, views.authority, views.crc32c, views.uniqueId, views.netns]).toEqual(
      Array(5).fill(undefined),
    )
    expect([views.ssl, views.awsVpcEndpointId, views.azureLinkId]).toEqual(Array(3).fill(undefined))
    expect(views.googlePscConnectionId).toBeUndefined()
    expect(views.all(TlvType.NOOP)).toEqual([])
  })

  test('read ALPN, AUTHORITY, UNIQUE_ID and NETNS', () => {
    const views = viewsOf(
      tlv(0x04, '0000'),
      tlv(0x01, text('h2')),
      tlv(0x02, text('grüße.example')),
      tlv(0x05, '00ff10'),
      tlv(0x30, text('blue')),
    )
    expect([views.alpn, views.authority, views.netns]).toEqual(['h2', 'grüße.example', 'blue'])
    expect(views.uniqueId).toEqual(bytesOf('00ff10'))
  })

  test('take the first of several and give all', () => {
    const views = viewsOf(tlv(0x02, text('a.example')), tlv(0x02, text('b.example')))
    expect(views.authority).toBe('a.example')
    expect(views.all(TlvType.AUTHORITY).map(hexOf)).toEqual([text('a.example'), text('b.example')])
  })

  test('read the VPC endpoint id of AWS, subtype 1 only', () => {
    const id = text('vpce-08d2bf15fac5001c9')
    expect(viewsOf(tlv(0xea, `01${id}`)).awsVpcEndpointId).toBe('vpce-08d2bf15fac5001c9')
    expect(viewsOf(tlv(0xea, `02${id}`)).awsVpcEndpointId).toBeUndefined()
    expect(viewsOf(tlv(0xea, '')).awsVpcEndpointId).toBeUndefined()
    expect(viewsOf(tlv(0xea, '02ff'), tlv(0xea, `01${id}`)).awsVpcEndpointId).toBe(
      'vpce-08d2bf15fac5001c9',
    )
  })

  test('read the link id of Azure, little-endian', () => {
    expect(viewsOf(tlv(0xee, '01c1450021')).azureLinkId).toBe(0x210045c1)
    expect(viewsOf(tlv(0xee, '01ffffffff')).azureLinkId).toBe(0xffffffff)
    expect(viewsOf(tlv(0xee, '01c14500')).azureLinkId).toBeUndefined()
    expect(viewsOf(tlv(0xee, '02c1450021')).azureLinkId).toBeUndefined()
  })

  test('read the connection id of Google, big-endian and beyond 2^53', () => {
    expect(viewsOf(tlv(0xe0, '0123456789abcdef')).googlePscConnectionId).toBe(0x0123456789abcdefn)
    expect(viewsOf(tlv(0xe0, 'ffffffffffffffff')).googlePscConnectionId).toBe(2n ** 64n - 1n)
    expect(viewsOf(tlv(0xe0, '00000001')).googlePscConnectionId).toBeUndefined()
  })
})

describe('UNIQUE_ID', () => {
  test.each([
    [0, 'complete'],
    [127, 'complete'],
    [128, 'complete'],
    [129, 'unique_id_too_long'],
    [4096, 'unique_id_too_long'],
  ])('of %i bytes: %s', (length, due) => {
    expect(said(withTlvs(tlv(0x05, 'ab'.repeat(length))))).toBe(due)
  })
})

describe('SSL', () => {
  const subs = [
    tlv(0x21, text('TLSv1.3')),
    tlv(0x22, text('Grüße GmbH')),
    tlv(0x23, text('TLS_AES_128_GCM_SHA256')),
    tlv(0x24, text('SHA256')),
    tlv(0x25, text('RSA2048')),
    tlv(0x26, text('X25519MLKEM768')),
    tlv(0x27, text('rsa_pss_rsae_sha256')),
    tlv(0x28, '3082010a'),
    tlv(0x2f, '99'),
  ]

  test('shows every sub-TLV of 0x21 to 0x28, and the unknown ones raw', () => {
    const ssl = viewsOf(tlv(0x20, `0700000000${subs.join('')}`)).ssl
    expect(ssl).toMatchObject({
      client: 7,
      tls: true,
      certOnConnection: true,
      certInSession: true,
      verify: 0,
      verified: true,
      version: 'TLSv1.3',
      cn: 'Grüße GmbH',
      cipher: 'TLS_AES_128_GCM_SHA256',
      sigAlg: 'SHA256',
      keyAlg: 'RSA2048',
      group: 'X25519MLKEM768',
      sigScheme: 'rsa_pss_rsae_sha256',
      clientCert: bytesOf('3082010a'),
    })
    expect(ssl?.tlvs.map(({ type }) => type)).toEqual([
      0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2f,
    ])
  })

  test.each([
    ['00', '00000000', { tls: false, verified: false }],
    ['01', '00000000', { tls: true, certOnConnection: false, verified: false }],
    ['03', '00000000', { certOnConnection: true, certInSession: false, verified: true }],
    ['05', '00000000', { certOnConnection: false, certInSession: true, verified: true }],
    ['07', '00000001', { verify: 1, verified: false }],
    ['07', 'ffffffff', { verify: 4294967295, verified: false }],
    ['f9', '00000000', { client: 0xf9, verified: false }],
  ])('with client %s and verify %s: %o', (client, verify, due) => {
    expect(viewsOf(tlv(0x20, client + verify)).ssl).toMatchObject(due)
  })

  test.each([
    ['no bytes', '', 31],
    ['four bytes', '01000000', 31],
    ['one byte behind the verify result', '010000000021', 36],
    ['a sub-TLV one byte short', '0100000000 21 0008 544c5376312e33', 36],
    ['two bytes behind a sub-TLV', '0100000000 21 0003 312e32 ffff', 42],
    ['a sub-TLV that reaches into the next TLV', '0100000000 21 0020 54', 36],
  ])('of %s refuses the header', (_, value, offset) => {
    const bytes = withTlvs(tlv(0x20, value.replaceAll(' ', '')), tlv(0x04, '00'.repeat(64)))
    expect(decode(bytes)).toMatchObject({ code: 'ssl_tlv_malformed', offset })
  })
})

describe('CRC32C', () => {
  test('that is right is accepted and shown as sent', () => {
    const result = decode(AWS)
    expect(result).toMatchObject({ status: 'complete', byteLength: 100 })
    expect(tlvViews(result.status === 'complete' ? result.header : { tlvs: [] }).crc32c).toBe(
      0xe8d6892d,
    )
  })

  test('refuses every header that differs in one bit, wherever a checksum is still announced', () => {
    const accepted: number[] = []
    for (let bit = 0; bit < AWS.length * 8; bit++) {
      const bytes = Uint8Array.from(AWS)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if (said(bytes) === 'complete') accepted.push(bit)
    }
    const localCommand = [96]
    const unspecTransportOrFamily = [104, 108]
    const otherTlvType = [224, 225, 226, 227, 228, 229, 230, 231]
    expect(accepted).toEqual([...localCommand, ...unspecTransportOrFamily, ...otherTlvType])
  })

  test('names both sums and the place where they differ', () => {
    const bytes = Uint8Array.from(AWS)
    bytes[16] = 0
    expect(decode(bytes)).toEqual({
      status: 'malformed',
      code: 'crc_mismatch',
      offset: 31,
      message: expect.stringMatching(/^CRC32C 0xe8d6892d in the header, 0x[0-9a-f]{8} computed$/),
    })
  })

  test('does not cover what follows the header', () => {
    expect(said(Buffer.concat([AWS, Buffer.from('GET / HTTP/1.1')]))).toBe('complete')
  })

  test.each(['', '00', '000000', '0000000000'])('with the value %j has a wrong length', (value) => {
    expect(said(withTlvs(tlv(0x03, value)))).toBe('crc_bad_length')
  })

  test('sent twice is refused: each would count the other as zero or not', () => {
    expect(said(withTlvs(tlv(0x03, '00000000'), tlv(0x03, '00000000')))).toBe('crc_duplicate')
  })

  test('is not checked when set to ignore', () => {
    const ignore = { crc32c: 'ignore' } as const
    const bytes = Uint8Array.from(AWS)
    bytes[16] = 0
    expect(said(bytes, ignore)).toBe('complete')
    expect(said(withTlvs(tlv(0x03, '')), ignore)).toBe('complete')
    expect(said(withTlvs(tlv(0x03, '00000000'), tlv(0x03, '00000000')), ignore)).toBe('complete')
    expect(viewsOf().crc32c).toBeUndefined()
  })

  test.each([true, null, 'Ignore', undefined])('is checked when set to %j', (crc32c) => {
    const bytes = Uint8Array.from(AWS)
    bytes[16] = 0
    expect(said(bytes, { crc32c: crc32c as unknown as 'verify' })).toBe('crc_mismatch')
  })

  test('in a LOCAL or UNSPEC header is skipped with the block it is in', () => {
    expect(said(v2('2000', tlv(0x03, '00000000')))).toBe('complete')
    expect(said(v2('2100', tlv(0x03, '00000000')))).toBe('complete')
  })
})

describe('views of TLVs that no decoder has seen', () => {
  const made = (...tlvs: [number, string][]) =>
    tlvViews({ tlvs: tlvs.map(([type, hex]) => ({ type, value: bytesOf(hex) })) })

  test.each(['', '01000000', '0100000000 21', '0100000000 21 0002 61'])(
    'show no SSL where its value is %j',
    (hex) => {
      expect(made([0x20, hex]).ssl).toBeUndefined()
    },
  )

  test('give every value of one type, in order, and of no other', () => {
    const views = made([0xe1, '01'], [0xe2, '02'], [0xe1, '03'])
    expect(views.all(0xe1).map((value) => [...value])).toEqual([[1], [3]])
    expect(views.all(0xe3)).toEqual([])
  })

  test("tell the vendors' types apart, whose values both start with their subtype", () => {
    const views = made([0xee, '01 04030201'], [0xea, '01 76706365'])
    expect(views.awsVpcEndpointId).toBe('vpce')
    expect(views.azureLinkId).toBe(0x01020304)
    expect(made([0xee, '01 04030201']).awsVpcEndpointId).toBeUndefined()
  })
})
