import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32c } from '../../src/wire/crc32c.js'

const ascending = Uint8Array.from({ length: 32 }, (_, index) => index)

/** The definition, one bit at a time: RFC 3720 section 12.1, reflected. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const out = (crc ^ (byte >>> bit)) & 1
      crc = (crc >>> 1) ^ (out === 1 ? 0x82f63b78 : 0)
    }
  }
  return (crc ^ 0xffffffff) >>> 0
}

describe('crc32c', () => {
  test.each([
    ['32 bytes of zero', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31 ascending', ascending, 0x46dd794e],
    ['31 to 0 descending', ascending.toReversed(), 0x113fdb5c],
    ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
    ['no bytes', new Uint8Array(0), 0],
  ])('gives the published answer for %s', (_, bytes, due) => {
    expect(crc32c(bytes)).toBe(due)
  })

  test('equals the bit by bit definition on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32c(bytes) === bitwise(bytes)))
  })

  test('sums only the part asked for', () => {
    const bytes = new TextEncoder().encode('xx123456789yy')
    expect(crc32c(bytes, 2, 11)).toBe(0xe3069283)
  })
})
