import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import {
  type DecodeResult,
  decode,
  decodeDatagram,
  type Endpoint,
  encodeHeader,
  type ProxyHeader,
  tlvViews,
} from '@truehop/proxy-protocol/wire'
import { meaningOf, same } from '../../../packages/proxy-protocol/test/wire/reference.js'
import { corpusOf } from '../corpus.js'
import { LIMIT, mutateBytes } from '../mutate-bytes.js'
import type { Random } from '../random.js'
import type { Target } from '../target.js'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

function vectors(): Uint8Array[] {
  const file: { readonly cases: readonly { readonly hex: string }[] } = JSON.parse(
    readFileSync('test/vectors/proxy-protocol.json', 'utf8'),
  )
  return file.cases.map(({ hex }) => bytesOf(hex))
}

/** Vectors hold few checksums and SSL TLVs: some headers of our own, with all of them. */
function written(): Uint8Array[] {
  const [address, port] = ['192.0.2.1', 56324]
  const base = { version: 2, command: 'PROXY', transport: 'STREAM' } as const
  const ends = { source: { address, port }, destination: { address: '198.51.100.7', port: 443 } }
  const ssl = '0700000000210007544c5376312e332200016128000430820001'
  const tlvs = [
    { type: 0x01, value: bytesOf('6832') },
    { type: 0x20, value: bytesOf(ssl) },
    { type: 0xee, value: bytesOf('01c1450021') },
    { type: 0xe0, value: bytesOf('0123456789abcdef') },
    { type: 0x05, value: new Uint8Array(128) },
  ]
  const paths = { source: { path: '/a' }, destination: { path: '/ü' } }
  const headers: ProxyHeader[] = [
    { ...base, ...ends, family: 'INET', tlvs },
    { ...base, ...ends, family: 'INET6', tlvs },
    { ...base, ...paths, family: 'UNIX', tlvs },
  ]
  const tooLong = encodeHeader({
    ...base,
    ...ends,
    family: 'INET',
    tlvs: [{ type: 0xe5, value: new Uint8Array(129) }],
  })
  tooLong[28] = 0x05
  return [
    ...headers.flatMap((header) => [
      encodeHeader(header),
      encodeHeader({ ...header, tlvs: tlvs.slice(0, 3) }, { crc32c: true }),
    ]),
    tooLong,
  ]
}

const VIEWS = Object.getPrototypeOf(tlvViews({ tlvs: [] }))
const VIEW_NAMES = Object.entries(Object.getOwnPropertyDescriptors(VIEWS)).flatMap(
  ([name, { get }]) => (get === undefined ? [] : [name]),
)

/** The decoder of PROXY headers: bounds for any bytes, and the slow reference for some of them. */
export const proxyHeader: Target<Uint8Array> = {
  name: 'decode',
  seeds: [...vectors(), ...written(), ...corpusOf('decode').map(bytesOf)].filter(
    ({ length }) => length > 0 && length < LIMIT / 2,
  ),
  mutate: mutateBytes,
  fromBytes: (bytes) => bytes,
  toBytes: (bytes) => bytes,
  toText: hexOf,
  check(bytes, random) {
    const result = decode(bytes)
    if (result.status === 'malformed') {
      assert(result.offset >= 0 && result.offset <= bytes.length, 'an offset outside the bytes')
      assert.match(result.message, /^[\x20-\x7e…]{1,300}$/, 'a message that is not fit for a log')
    } else if (result.status === 'complete') {
      assert(result.byteLength <= bytes.length, 'a header longer than the bytes')
      const views = tlvViews(result.header)
      for (const name of VIEW_NAMES) Reflect.get(views, name)
    }
    if (random(8) === 0) checkMore(bytes, result, random)
    if (random(8) === 0) assert.deepEqual(said(bytes), meaningOf(bytes))
    return kindOf(result)
  },
}

function kindOf(result: DecodeResult): string {
  if (result.status === 'malformed') return result.code
  if (result.status !== 'complete') return result.status
  const { version, command, family, transport, tlvs } = result.header
  const types = [...new Set(tlvs.map(({ type }) => type))].filter((type) => type < 0x25).sort()
  return `v${version} ${command} ${family} ${transport} ${types.join(' ')}`
}

/** The dearer part: what other inputs made of this one must give. */
function checkMore(bytes: Uint8Array, result: DecodeResult, random: Random): void {
  const code = result.status === 'malformed' ? result.code : ''
  if (!code.startsWith('crc')) assert.deepEqual(decode(bytes, { crc32c: 'ignore' }), result)
  decodeDatagram(bytes)
  const maxHeaderBytes = random(300)
  const limited = decode(bytes, { maxHeaderBytes })
  if (limited.status === 'complete') assert(limited.byteLength <= maxHeaderBytes)
  else if (limited.status !== 'malformed' || !/^v[12]_too_long$/.test(limited.code)) {
    assert.deepEqual(limited, result)
  }
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

/** Paths may hold what is no UTF-8 and cannot come back; everything else has to. */
function writeAgain(header: ProxyHeader): void {
  if (header.family === 'UNIX') return
  const again = decode(encodeHeader(header), { crc32c: 'ignore' })
  assert(again.status === 'complete')
  const { tlvs, ...rest } = again.header
  const { tlvs: sent, ...original } = header
  // What was sent without addresses is written with a family byte of 0x00.
  const isBare = header.version === 2 && header.source === undefined
  const written = isBare ? { ...original, family: 'UNSPEC', transport: 'UNSPEC' } : original
  assert.deepEqual(rest, written)
  assert.equal(tlvs.length, sent.length)
}

/** What `decode` says in the words of the reference. Checksums are the reference's blind spot. */
function said(bytes: Uint8Array) {
  const result = decode(bytes, { crc32c: 'ignore' })
  if (result.status !== 'complete') return { status: result.status }
  const { family, transport, source, destination, tlvs } = result.header
  const { byteLength } = result
  const list = tlvs.map(({ type, value }) => `${type}:${hexOf(value)}`)
  if (source === undefined) return { status: 'complete', byteLength, text: 'socket', tlvs: list }
  const ports = [source, destination].flatMap((end) => (end && 'port' in end ? [end.port] : []))
  const text = [family, transport, endText(source), endText(destination), ...ports].join(' ')
  return { status: 'complete', byteLength, text, tlvs: list }
}

function endText(end: Endpoint | undefined): string {
  if (end === undefined) return ''
  return 'path' in end ? end.path : same(end.address)
}
