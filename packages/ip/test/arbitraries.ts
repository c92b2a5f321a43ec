import fc from 'fast-check'
import { type SlowAddress, slowText } from './slow-address.js'

/** Groups with many zeros, so that `::` has something to stand for. */
const group = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
  fc.constantFrom(1, 0xf, 0x10, 0xff, 0x100, 0xfff, 0x1000, 0x8000, 0xffff),
)

export const groups = fc.tuple(group, group, group, group, group, group, group, group)

export const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
)

/** An IPv6 value that is not IPv4-mapped, or an IPv4 value. */
export const slowAddress: fc.Arbitrary<SlowAddress> = fc.oneof(
  word.map((value): SlowAddress => ({ family: 4, value: BigInt(value) })),
  groups
    .map((parts) => parts.reduce((value, part) => value * 65536n + BigInt(part), 0n))
    .filter((value) => value >> 32n !== 0xffffn)
    .map((value): SlowAddress => ({ family: 6, value })),
)

const hexGroup = fc.tuple(group, fc.boolean(), fc.boolean()).map(([value, padded, upper]) => {
  const text = padded ? value.toString(16).padStart(4, '0') : value.toString(16)
  return upper ? text.toUpperCase() : text
})

/** Some spelling of an IPv6 address, mapped ones among them: `::` anywhere, padding, dotted tails. */
export const ipv6Spelling = fc
  .tuple(
    fc.array(hexGroup, { minLength: 8, maxLength: 8 }),
    fc.option(word, { nil: undefined }),
    fc.option(fc.tuple(fc.nat(7), fc.integer({ min: 1, max: 8 })), { nil: undefined }),
    fc.boolean(),
  )
  .map(([parts, tail, gap, mapped]) => {
    const known = mapped ? ['0', '0', '0', '0', '0', 'ffff', ...parts.slice(6)] : parts
    const dotted = tail === undefined ? undefined : slowText({ family: 4, value: BigInt(tail) })
    const units = dotted === undefined ? known : [...known.slice(0, 6), dotted]
    if (gap === undefined) return units.join(':')
    const [from, length] = gap
    const limit = Math.min(from + length, dotted === undefined ? 8 : 6)
    if (from >= limit) return units.join(':')
    return `${units.slice(0, from).join(':')}::${units.slice(limit).join(':')}`
  })

const fragment = fc.constantFrom(
  ...['0', '1', '9', '10', '255', '256', '01', '00', 'a', 'F', 'ffff', '10000', '0x7f', '2001'],
  ...['.', '.', '.', ':', ':', '::', '%', 'eth0', '%25', '[', ']', ' ', '/', '-', '+', ',', '\0'],
  ...['1.2.3.4', '::ffff:', '64:ff9b::', '\uff11', '\u0661', 'é', 'g', '*', '_'],
)

/** Text that is nearly an address, and sometimes is one. */
export const nearAddress = fc.oneof(
  fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join('')),
  fc.tuple(ipv6Spelling, fragment, fc.nat()).map(([text, part, at]) => {
    const cut = at % (text.length + 1)
    return text.slice(0, cut) + part + text.slice(cut + (at % 2))
  }),
  fc.tuple(word, fragment, fc.nat()).map(([value, part, at]) => {
    const text = slowText({ family: 4, value: BigInt(value) })
    const cut = at % (text.length + 1)
    return text.slice(0, cut) + part + text.slice(cut + (at % 2))
  }),
  fc.string(),
)

/**
 * CIDR entries that nest and touch: few different bits near the front, any length, host bits set,
 * both families, mapped spellings, duplicates likely.
 */
export const entry = fc.oneof(
  fc
    .tuple(fc.constantFrom(0x0a000000, 0x0a010000, 0x0a0100ff, 0x80000000, 0, 0xffffffff), word)
    .chain(([near, any]) =>
      fc.tuple(
        fc.constantFrom(near, near, any),
        fc.option(fc.integer({ min: 0, max: 32 }), { nil: undefined }),
        fc.boolean(),
      ),
    )
    .map(([value, length, mapped]) => {
      const text = slowText({ family: 4, value: BigInt(value) })
      if (mapped) return `::ffff:${text}${length === undefined ? '' : `/${length + 96}`}`
      return length === undefined ? text : `${text}/${length}`
    }),
  fc
    .tuple(
      fc.constantFrom(
        '2001:db8::',
        '2001:db8:0:1::',
        '2001:db8::1',
        '::',
        'fe80::',
        '::1',
        '8000::',
      ),
      slowAddress.filter(({ family }) => family === 6).map(slowText),
    )
    .chain(([near, any]) =>
      fc.tuple(
        fc.constantFrom(near, near, any),
        fc.option(fc.integer({ min: 0, max: 128 }), { nil: undefined }),
      ),
    )
    .map(([text, length]) => (length === undefined ? text : `${text}/${length}`)),
)
