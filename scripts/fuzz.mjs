// Feeds the PROXY decoder with vectors changed at random, and checks what must hold for any bytes.
//
//   pnpm fuzz [--seconds 30] [--inputs 10000000] [--seed 123456]
//
// Ends at whichever limit comes first. Runs on what the build wrote. A failure prints its seed and
// the input in hexadecimal, which then belongs into test/vectors/proxy-protocol.json.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  decode,
  decodeDatagram,
  encodeHeader,
  tlvViews,
} from '../packages/proxy-protocol/dist/wire/index.js'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    inputs: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
  },
})
const [seconds, inputs, seed] = [values.seconds, values.inputs, values.seed].map(Number)
if (!(seconds > 0 && inputs > 0 && Number.isInteger(seed))) {
  console.error('write --seconds and --inputs as numbers above 0, --seed as a whole number')
  process.exit(2)
}

/** mulberry32: small, fast, and the same sequence for the same seed everywhere. */
function generator(state) {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const random = generator(seed)
const pick = (list) => list[random(list.length)]

const LIMIT = 1024
const file = new URL('../test/vectors/proxy-protocol.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')).cases.map(({ hex }) => bytesOf(hex))
const seeds = [...vectors, ...written()].filter(({ length }) => length > 0 && length < LIMIT / 2)

/** Bytes that a parser of these two formats decides on. */
const BYTES = [0, 1, 2, 3, 4, 5, 0x0a, 0x0d, 0x11, 0x12, 0x20, 0x21, 0x2e, 0x30, 0x31, 0x32, 0x3a]
const MORE_BYTES = [0x39, 0x66, 0x7f, 0x80, 0x81, 0xdf, 0xe0, 0xea, 0xee, 0xff]
const WORDS = ['TCP4', 'TCP6', 'UNKNOWN', 'PROXY ', ' ', '\r\n', '\n', '\r', '::', '65535', '65536']
  .concat('255.255.255.255', '0', '00', '::ffff:1.2.3.4', '%', '.')
  .map((text) => bytesOf(Buffer.from(text).toString('hex')))

/** Vectors hold few checksums and SSL TLVs: some headers of our own, with all of them. */
function written() {
  const base = {
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address: '192.0.2.1', port: 56324 },
    destination: { address: '198.51.100.7', port: 443 },
  }
  const ssl = '0700000000' + '210007544c5376312e33' + '22000161' + '28000430820001'
  const tlvs = [
    { type: 0x01, value: bytesOf('6832') },
    { type: 0x20, value: bytesOf(ssl) },
    { type: 0xee, value: bytesOf('01c1450021') },
    { type: 0xe0, value: bytesOf('0123456789abcdef') },
    { type: 0x05, value: new Uint8Array(128) },
  ]
  const families = ['INET', 'INET6'].map((family) => ({ ...base, family }))
  const tooLong = encodeHeader({ ...base, tlvs: [{ type: 0xe5, value: new Uint8Array(129) }] })
  tooLong[28] = 0x05
  const unix = { ...base, family: 'UNIX', source: { path: '/a' }, destination: { path: '/ü' } }
  const valid = [...families, unix].flatMap((header) => [
    encodeHeader({ ...header, tlvs }),
    encodeHeader({ ...header, tlvs: tlvs.slice(0, 3) }, { crc32c: true }),
  ])
  return [...valid, tooLong]
}

function bytesOf(hex) {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

/** Changes the first `length` bytes of `buffer` and gives the new length. */
const mutations = [
  (buffer, length) => {
    buffer[random(length)] ^= 1 << random(8)
    return length
  },
  (buffer, length) => {
    buffer[random(length)] = random(256)
    return length
  },
  (buffer, length) => {
    buffer[random(length)] = pick(random(2) ? BYTES : MORE_BYTES)
    return length
  },
  (buffer, length) => replace(buffer, length, random(length + 1), random(4), pick(WORDS)),
  (buffer, length) => replace(buffer, length, random(length), 1 + random(8), WORDS[0].subarray(4)),
  (_, length) => random(length) + 1,
  (buffer, length) => {
    const other = pick(seeds)
    return replace(buffer, length, random(length + 1), random(length), other)
  },
  (buffer, length) => {
    const start = random(length)
    const part = buffer.slice(start, Math.min(length, start + 1 + random(16)))
    return replace(buffer, length, random(length + 1), 0, part)
  },
  // the length field of version 2: as many bytes as there are, or one or two off
  (buffer, length) => {
    if (length < 16) return length
    const block = Math.max(0, length - 16 - pick([0, 0, 0, 0, 1, 2, 5]))
    buffer[14] = block >> 8
    buffer[15] = block & 255
    return length
  },
  // the length of some TLV
  (buffer, length) => {
    if (length < 32) return length
    buffer[29 + random(Math.min(8, length - 30))] = pick(BYTES)
    return length
  },
]

function replace(buffer, length, at, removed, added) {
  const rest = buffer.slice(Math.min(length, at + removed), length)
  const end = Math.min(LIMIT, at + added.length)
  buffer.set(added.subarray(0, end - at), at)
  const kept = rest.subarray(0, LIMIT - end)
  buffer.set(kept, end)
  return Math.max(1, end + kept.length)
}

function nextInput(buffer) {
  const base = pick(seeds)
  buffer.set(base)
  let length = base.length
  for (let count = random(6); count > 0; count--) length = pick(mutations)(buffer, length)
  // Half of them keep the start that makes them a header, or all would soon be told apart by it.
  if (random(2) === 0) buffer.set(base.subarray(0, Math.min(length, 12)))
  return buffer.subarray(0, length)
}

const STATUSES = new Set(['complete', 'incomplete', 'absent', 'malformed'])

/** What must hold for any bytes, cheap enough for every one of them. */
function check(bytes, result) {
  assert(STATUSES.has(result.status))
  if (result.status === 'malformed') {
    assert(result.offset >= 0 && result.offset <= bytes.length, 'an offset outside the bytes')
    assert.match(result.message, /^[\x20-\x7e…]{1,300}$/, 'a message that is not fit for a log')
  } else if (result.status === 'complete') {
    assert(result.byteLength <= bytes.length, 'a header longer than the bytes')
    readViews(result.header)
  }
}

/** The dearer part: what other inputs made of this one must give. */
function checkMore(bytes, result) {
  const ignoring = decode(bytes, { crc32c: 'ignore' })
  if (!(result.code ?? '').startsWith('crc')) assert.deepEqual(ignoring, result)
  decodeDatagram(bytes)
  const maxHeaderBytes = random(300)
  const limited = decode(bytes, { maxHeaderBytes })
  if (limited.status === 'complete') assert(limited.byteLength <= maxHeaderBytes)
  else if (!/^v[12]_too_long$/.test(limited.code)) assert.deepEqual(limited, result)
  if (result.status === 'complete') {
    const end = result.byteLength
    assert.deepEqual(decode(bytes.slice(0, end)), result, 'payload changes the header')
    const shorter = decode(bytes.subarray(0, random(end)))
    assert.equal(shorter.status, 'incomplete', 'a truncation that is not incomplete')
    writeAgain(result.header)
  } else if (result.status !== 'incomplete') {
    const longer = Uint8Array.from([...bytes, random(256), random(256)])
    assert.deepEqual(decode(longer), result, 'more bytes change a final answer')
  }
}

function readViews(header) {
  const views = tlvViews(header)
  for (const name of VIEWS) views[name]
}

const VIEWS = Object.entries(
  Object.getOwnPropertyDescriptors(Object.getPrototypeOf(tlvViews({ tlvs: [] }))),
).flatMap(([name, { get }]) => (get ? [name] : []))

/** Paths may hold what is no UTF-8 and cannot come back; everything else has to. */
function writeAgain(header) {
  if (header.family === 'UNIX') return
  const again = decode(encodeHeader(header), { crc32c: 'ignore' })
  assert.equal(again.status, 'complete')
  const { tlvs, ...rest } = again.header
  const { tlvs: sent, ...original } = header
  assert.deepEqual(rest, original)
  assert.equal(tlvs.length, sent.length)
}

const counts = { complete: 0, incomplete: 0, absent: 0 }
const buffer = new Uint8Array(LIMIT)
const started = performance.now()
const elapsed = () => (performance.now() - started) / 1000
let done = 0
console.log(`seed ${seed}, ${seeds.length} headers to start from`)
while (done < inputs && elapsed() < seconds) {
  for (let batch = Math.min(10_000, inputs - done); batch > 0; batch--, done++) {
    const bytes = nextInput(buffer)
    try {
      const result = decode(bytes)
      check(bytes, result)
      if (random(8) === 0) checkMore(bytes, result)
      const kind = result.code ?? result.status
      counts[kind] = (counts[kind] ?? 0) + 1
    } catch (error) {
      console.error(`input ${done} of seed ${seed}: ${Buffer.from(bytes).toString('hex')}`)
      console.error(error)
      process.exit(1)
    }
  }
}

const took = elapsed()
console.log(
  `${done.toLocaleString('en')} inputs in ${took.toFixed(1)} s, ${Math.round(done / took).toLocaleString('en')} a second, no failure`,
)
for (const [kind, count] of Object.entries(counts).sort(([, a], [, b]) => b - a)) {
  console.log(`${kind.padEnd(20)} ${count.toLocaleString('en').padStart(12)}`)
}
