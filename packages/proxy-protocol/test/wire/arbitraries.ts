import fc from 'fast-check'
import type { HeaderInput, Tlv } from '../../src/wire/index.js'

const ipv4 = fc.ipV4()
/** Every 128 bits, written out in eight groups; among them mapped and mostly zero ones. */
const ipv6 = fc
  .oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map((tail) => {
      return Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...tail])
    }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((bytes) => {
      return Uint8Array.from(bytes)
    }),
  )
  .map((bytes) => {
    const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []
    return groups.join(':')
  })

const port = fc.oneof(fc.constantFrom(0, 1, 65535), fc.integer({ min: 0, max: 65535 }))
const path = fc
  .string({ unit: 'grapheme-composite', maxLength: 40 })
  .filter((text) => Buffer.byteLength(text) <= 108 && !text.includes('\0'))

const end = (address: fc.Arbitrary<string>) => fc.record({ address, port })

const subTlv = fc
  .record({ type: fc.integer({ min: 0x21, max: 0x2f }), value: fc.uint8Array({ maxLength: 20 }) })
  .map(({ type, value }) => Buffer.from([type, 0, value.length, ...value]))
const ssl = fc
  .tuple(fc.uint8Array({ minLength: 5, maxLength: 5 }), fc.array(subTlv, { maxLength: 4 }))
  .map(([head, subs]) => Uint8Array.from(Buffer.concat([head, ...subs])))

/** Any TLV that the specification allows, save CRC32C. */
export const tlv: fc.Arbitrary<Tlv> = fc.oneof(
  fc.record({
    type: fc.integer({ min: 0, max: 255 }).filter((type) => type !== 3 && type !== 0x20),
    value: fc.uint8Array({ maxLength: 64 }),
  }),
  fc.record({ type: fc.constant(0x20), value: ssl }),
  fc.record({ type: fc.constant(0x05), value: fc.uint8Array({ maxLength: 128 }) }),
)

const transport = fc.constantFrom('STREAM', 'DGRAM')
const version2 = {
  version: fc.constant(2),
  command: fc.constant('PROXY'),
  tlvs: fc.array(tlv, { maxLength: 5 }),
} as const

/** Every shape of header there is, of both versions. */
export const header: fc.Arbitrary<HeaderInput> = fc.oneof(
  fc.record({
    ...version2,
    family: fc.constant('INET'),
    transport,
    source: end(ipv4),
    destination: end(ipv4),
  }),
  fc.record({
    ...version2,
    family: fc.constant('INET6'),
    transport,
    source: end(ipv6),
    destination: end(ipv6),
  }),
  fc.record({
    ...version2,
    family: fc.constant('UNIX'),
    transport,
    source: fc.record({ path }),
    destination: fc.record({ path }),
  }),
  fc.record({
    version: fc.constant(2),
    command: fc.constantFrom('LOCAL', 'PROXY'),
    family: fc.constant('UNSPEC'),
    transport: fc.constantFrom('UNSPEC', 'STREAM', 'DGRAM'),
    tlvs: fc.array(tlv, { maxLength: 2 }),
  }),
  fc.record({
    version: fc.constant(1),
    command: fc.constant('PROXY'),
    family: fc.constant('INET'),
    transport: fc.constant('STREAM'),
    source: end(ipv4),
    destination: end(ipv4),
  }),
  fc.record({
    version: fc.constant(1),
    command: fc.constant('PROXY'),
    family: fc.constant('INET6'),
    transport: fc.constant('STREAM'),
    source: end(ipv6),
    destination: end(ipv6),
  }),
  fc.record({
    version: fc.constant(1),
    command: fc.constant('PROXY'),
    family: fc.constant('UNSPEC'),
    transport: fc.constant('UNSPEC'),
  }),
) as fc.Arbitrary<HeaderInput>
