import { PeerSet } from '@truehop/ip'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode } from '../../src/index.js'
import { type HeaderProgress, HeaderReader } from '../../src/receive/header-reader.js'
import { v1 } from './raw.js'

const SETTINGS = {
  from: PeerSet.from(['10.0.0.0/8']),
  maxHeaders: 3,
  maxHeaderBytes: 300,
  versions: [1, 2],
} as const

const v2 = (address: string, filling: number) =>
  encode({
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address, port: 1 },
    destination: { address: '192.0.2.2', port: 2 },
    tlvs: [{ type: 0xe0, value: new Uint8Array(filling) }],
  })

/** Pieces of which streams are made: headers of trusted and other sources, payload, damage. */
const piece = fc.oneof(
  fc.constantFrom(v1('10.0.0.1'), v1('192.0.2.1'), 'PROXY UNKNOWN\r\n').map((t) => Buffer.from(t)),
  fc.constantFrom(v2('10.0.0.1', 0), v2('192.0.2.1', 50), v2('10.9.9.9', 269), v2('10.0.0.2', 270)),
  fc.constant(encode({ version: 2, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC' })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('PROX', 'PROXY TCP4 1', '\r\n\r\n\0\r\nQUI', 'GET / ').map((t) => Buffer.from(t)),
)
const stream = fc.array(piece, { maxLength: 5 }).map((pieces) => Buffer.concat(pieces))

/** What a reader makes of the chunks: the headers, how it ended, and the payload after that. */
function outcome(chunks: readonly Buffer[], mayOmit: boolean): unknown {
  const reader = new HeaderReader(SETTINGS, { maxHeaderBytes: 300 }, mayOmit)
  let progress: HeaderProgress = { state: 'more' }
  let next = 0
  while (progress.state === 'more' && next < chunks.length) {
    progress = reader.push(chunks[next++] as Buffer)
    // The memory behind what is held, not only the bytes in it.
    if (progress.state === 'more') expect(reader.held.buffer.byteLength).toBeLessThanOrEqual(300)
  }
  const later = Buffer.concat(chunks.slice(next))
  const { headers } = reader
  switch (progress.state) {
    case 'more':
      return { headers, held: reader.held.toString('hex') }
    case 'done':
      return {
        headers,
        payload: Buffer.concat([progress.bytes.subarray(progress.payloadAt), later]).toString(
          'hex',
        ),
      }
    case 'absent':
      return { headers, state: 'absent' }
    case 'unaccepted':
      throw new Error('both versions are accepted here')
    case 'malformed':
      return { headers, code: progress.fault.code, offset: progress.fault.offset }
  }
}

describe('the reader of the headers of one connection', () => {
  test('any chunking gives what one chunk gives', () => {
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 })
    fc.assert(
      fc.property(stream, cuts, fc.boolean(), (bytes, positions, mayOmit) => {
        fc.pre(bytes.length > 0)
        const sorted = [...new Set(positions.map((at) => at % bytes.length))].sort((a, b) => a - b)
        const ends = [...sorted.filter((at) => at > 0), bytes.length]
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
        expect(outcome(chunks, mayOmit)).toEqual(outcome([bytes], mayOmit))
      }),
      { numRuns: 2000 },
    )
  })

  test('single bytes give what one chunk gives', () => {
    fc.assert(
      fc.property(stream, fc.boolean(), (bytes, mayOmit) => {
        fc.pre(bytes.length > 0)
        const chunks = Array.from(bytes, (byte) => Buffer.of(byte))
        expect(outcome(chunks, mayOmit)).toEqual(outcome([bytes], mayOmit))
      }),
      { numRuns: 300 },
    )
  })

  test('every byte is in a header or in the payload', () => {
    const headers = [v1('10.0.0.1'), v1('10.0.0.2'), v1('10.0.0.3')]
    const bytes = Buffer.from(`${headers.join('')}payload`)
    expect(outcome([bytes], false)).toMatchObject({
      headers: [{}, {}, {}],
      payload: Buffer.from('payload').toString('hex'),
    })
  })

  test('too long a header is refused when its length is known', () => {
    const header = v2('10.0.0.1', 270)
    expect(header).toHaveLength(301)
    expect(outcome([header.subarray(0, 15)], false)).toMatchObject({ headers: [] })
    expect(outcome([header.subarray(0, 16)], false)).toMatchObject({ code: 'v2_too_long' })
  })
})
