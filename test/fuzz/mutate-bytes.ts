import { pick, type Random } from './random.js'

export const LIMIT = 1024

/** Bytes that a parser of the two formats of PROXY headers decides on. */
const BYTES = [0, 1, 2, 3, 4, 5, 0x0a, 0x0d, 0x11, 0x12, 0x20, 0x21, 0x2e, 0x30, 0x31, 0x32, 0x3a]
const MORE_BYTES = [0x39, 0x66, 0x7f, 0x80, 0x81, 0xdf, 0xe0, 0xea, 0xee, 0xff]
const FAMILY = Buffer.from('TCP4')
const WORDS = ['TCP4', 'TCP6', 'UNKNOWN', 'PROXY ', ' ', '\r\n', '\n', '\r', '::', '65535', '65536']
  .concat('255.255.255.255', '0', '00', '::ffff:1.2.3.4', '%', '.')
  .map((text) => Buffer.from(text))

/** Bytes made of others by a few changes. */
export function mutateBytes(random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  const base = pick(random, seeds)
  const buffer = new Uint8Array(LIMIT)
  buffer.set(base.subarray(0, LIMIT))
  let length = Math.min(base.length, LIMIT)
  for (let count = random(6); count > 0; count--) {
    length = pick(random, CHANGES)(buffer, length, random, seeds)
  }
  // Half of them keep the start that makes them a header, or all would soon be told apart by it.
  if (random(2) === 0) buffer.set(base.subarray(0, Math.min(length, 12)))
  return buffer.slice(0, length)
}

/** Changes the first `length` bytes and gives the new length, at least 1. */
type Change = (
  buffer: Uint8Array,
  length: number,
  random: Random,
  seeds: readonly Uint8Array[],
) => number

const CHANGES: readonly Change[] = [
  (buffer, length, random) => {
    const at = random(length)
    buffer[at] = (buffer[at] ?? 0) ^ (1 << random(8))
    return length
  },
  (buffer, length, random) => {
    buffer[random(length)] = random(256)
    return length
  },
  (buffer, length, random) => {
    buffer[random(length)] = pick(random, random(2) === 0 ? BYTES : MORE_BYTES)
    return length
  },
  (buffer, length, random) =>
    replace(buffer, length, random(length + 1), random(4), pick(random, WORDS)),
  (buffer, length, random) => replace(buffer, length, random(length), 1 + random(8), FAMILY),
  (_, length, random) => random(length) + 1,
  (buffer, length, random, seeds) =>
    replace(buffer, length, random(length + 1), random(length), pick(random, seeds)),
  (buffer, length, random) => {
    const start = random(length)
    const part = buffer.slice(start, Math.min(length, start + 1 + random(16)))
    return replace(buffer, length, random(length + 1), 0, part)
  },
  // The length field of version 2: as many bytes as there are, or one or two off.
  (buffer, length, random) => {
    if (length < 16) return length
    const block = Math.max(0, length - 16 - pick(random, [0, 0, 0, 0, 1, 2, 5]))
    buffer[14] = block >> 8
    buffer[15] = block & 255
    return length
  },
  // The length of some TLV.
  (buffer, length, random) => {
    if (length < 32) return length
    buffer[29 + random(Math.min(8, length - 30))] = pick(random, BYTES)
    return length
  },
]

function replace(
  buffer: Uint8Array,
  length: number,
  at: number,
  removed: number,
  added: Uint8Array,
): number {
  const rest = buffer.slice(Math.min(length, at + removed), length)
  const end = Math.min(LIMIT, at + added.length)
  buffer.set(added.subarray(0, end - at), at)
  const kept = rest.subarray(0, LIMIT - end)
  buffer.set(kept, end)
  return Math.max(1, end + kept.length)
}
