import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decode,
  type Endpoint,
  encodeHeader,
  type HeaderInput,
  tlvViews,
} from '../../src/wire/index.js'
import { header } from './arbitraries.js'
import { hexOf } from './bytes.js'
import { meaningOf, same } from './reference.js'

const options = fc.record({ crc32c: fc.boolean() })
const wellFormed = fc.tuple(header, options).map(([input, how]) => {
  return encodeHeader(input, { crc32c: how.crc32c && input.version === 2 })
})

/** A header, well-formed or with a few bytes changed, put in or taken out, and payload behind it. */
const nearlyHeader = fc
  .tuple(
    wellFormed,
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 2)), {
      maxLength: 3,
    }),
    fc.uint8Array({ maxLength: 8 }),
  )
  .map(([bytes, edits, payload]) => {
    const list = [...bytes]
    for (const [at, byte, keep] of edits)
      list.splice(at % list.length, keep, ...(keep === 2 ? [] : [byte]))
    return Uint8Array.from([...list, ...payload])
  })

const endText = (end: Endpoint | undefined) => {
  if (end === undefined) return undefined
  return 'path' in end ? end.path : same(end.address)
}
const portOf = (end: Endpoint | undefined) => (end && 'port' in end ? end.port : undefined)

/** What `decode` says in the words of the reference. Checksums are the reference's blind spot. */
function said(bytes: Uint8Array) {
  const result = decode(bytes, { crc32c: 'ignore' })
  if (result.status !== 'complete') return { status: result.status }
  const { family, transport, source, destination, tlvs } = result.header
  const ports = portOf(source) === undefined ? '' : ` ${portOf(source)} ${portOf(destination)}`
  const text =
    source === undefined
      ? 'socket'
      : `${family} ${transport} ${endText(source)} ${endText(destination)}${ports}`
  const list = tlvs.map(({ type, value }) => `${type}:${hexOf(value)}`)
  return { status: 'complete', byteLength: result.byteLength, text, tlvs: list }
}

/**
 * The header that comes back: addresses in RFC 5952, TLVs only where addresses count; without
 * addresses the family byte is 0x00, section 2.2.
 */
function expected(input: HeaderInput) {
  const readable = input.source === undefined ? [] : (input.tlvs ?? [])
  const unnamed = input.source === undefined ? { family: 'UNSPEC', transport: 'UNSPEC' } : {}
  return {
    ...input,
    ...unnamed,
    source: endText(input.source),
    destination: endText(input.destination),
    ports: [portOf(input.source), portOf(input.destination)],
    tlvs: readable.map(({ type, value }) => [type, hexOf(value)]),
  }
}

describe('decode', () => {
  test('gives back every header that was encoded, and its length', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 16 }), (input, payload) => {
        const bytes = encodeHeader(input)
        const result = decode(Uint8Array.from([...bytes, ...payload]))
        expect(result).toMatchObject({ status: 'complete', byteLength: bytes.length })
        if (result.status === 'complete') expect(expected(result.header)).toEqual(expected(input))
      }),
      { numRuns: 500 },
    )
  })

  test('accepts every checksum that was encoded, last in the header', () => {
    fc.assert(
      fc.property(header, (input) => {
        fc.pre(input.version === 2 && input.source !== undefined)
        const result = decode(encodeHeader(input, { crc32c: true }))
        const tlvs = result.status === 'complete' ? result.header.tlvs : []
        expect(tlvs.at(-1)?.type).toBe(3)
      }),
    )
  })

  test('is incomplete for every truncation of every header, for both versions', () => {
    fc.assert(
      fc.property(wellFormed, (bytes) => {
        for (let length = 0; length < bytes.length; length++) {
          if (decode(bytes.subarray(0, length)).status !== 'incomplete') return false
        }
        return true
      }),
    )
  })

  test('agrees with the plain reference on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(said(bytes)).toEqual(meaningOf(bytes))
      }),
    )
  })

  test('agrees with the plain reference on what is nearly a header', () => {
    fc.assert(
      fc.property(nearlyHeader, (bytes) => {
        expect(said(bytes)).toEqual(meaningOf(bytes))
      }),
      { numRuns: 3000 },
    )
  })

  test('agrees with the plain reference on anything behind the start of a line', () => {
    const word = fc.constantFrom(
      ...['TCP4', 'TCP6', 'UNKNOWN', '1.2.3.4', '::1', '::ffff:1.2.3.4', '0', '80', '65536', '00'],
      ...[' ', ' ', ' ', '  ', '\r', '\n', '\r\n', '\r\n', 'x'.repeat(70), '\0', 'é'],
    )
    const start = fc.constantFrom('', 'PROXY ', 'PROXY UNKNOWN ', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2')
    const text = fc.tuple(start, fc.array(word, { maxLength: 14 }))
    fc.assert(
      fc.property(text, ([first, words]) => {
        const bytes = Buffer.from(first + words.join(''), 'latin1')
        expect(said(bytes)).toEqual(meaningOf(bytes))
      }),
      { numRuns: 5000 },
    )
  })

  test('keeps its answer when more bytes follow, whatever they are', () => {
    fc.assert(
      fc.property(nearlyHeader, (bytes) => {
        const whole = decode(bytes)
        for (let length = 0; length < bytes.length; length++) {
          const part = decode(bytes.subarray(0, length))
          if (part.status !== 'incomplete') {
            expect(part).toEqual(whole)
            return
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('reads every view of every header without a throw', () => {
    fc.assert(
      fc.property(nearlyHeader, (bytes) => {
        const result = decode(bytes, { crc32c: 'ignore' })
        if (result.status !== 'complete') return
        const views = tlvViews(result.header)
        const all = [views.alpn, views.authority, views.crc32c, views.uniqueId, views.netns]
        expect([...all, views.ssl, views.awsVpcEndpointId, views.azureLinkId]).toHaveLength(8)
        expect(typeof views.googlePscConnectionId).toMatch(/bigint|undefined/)
      }),
    )
  })

  test('gives the same for a Buffer, an array and a part of a larger one', () => {
    fc.assert(
      fc.property(nearlyHeader, (bytes) => {
        const larger = Uint8Array.from([1, 2, 3, ...bytes, 4])
        const whole = decode(bytes)
        expect(decode(Buffer.from(bytes))).toEqual(whole)
        expect(decode(larger.subarray(3, 3 + bytes.length))).toEqual(whole)
      }),
    )
  })
})
