import { readFileSync } from 'node:fs'
import { ipv6Bytes, parseAddress } from '@truehop/ip'
import { decode, type Endpoint, type ProxyHeader, tlvViews } from '@truehop/proxy-protocol/wire'
import { describe, expect, test } from 'vitest'

interface TlvVector {
  type: number
  hex: string
}

interface Accepted {
  ok: true
  version: 1 | 2
  command: string
  family: string
  transport: string | null
  use: 'header' | 'socket'
  src: string | null
  srcBytes?: string
  srcPort: number | null
  dst: string | null
  dstBytes?: string
  dstPort: number | null
  tlvs: TlvVector[]
  consumed: number
  crc32c?: 'valid'
  ssl?: { client: number; verify: number; subTlvs: TlvVector[] }
}

interface Refused {
  ok: false
  error: string
}

interface Vector {
  id: string
  name: string
  specClass: string
  hex: string
  expect: Accepted | Refused
}

const file = new URL('./proxy-protocol.json', import.meta.url)
const { cases }: { cases: Vector[] } = JSON.parse(readFileSync(file, 'utf8'))
const accepted = cases.flatMap((vector) =>
  vector.expect.ok ? [{ ...vector, expect: vector.expect }] : [],
)
const refused = cases.flatMap((vector) =>
  vector.expect.ok ? [] : [{ ...vector, error: vector.expect.error }],
)

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const tlvsOf = (tlvs: ProxyHeader['tlvs']) =>
  tlvs.map(({ type, value }) => ({ type, hex: hexOf(value) }))

/** The bytes that an end of a header stands for, read back from its text. */
function endBytes(end: Endpoint | undefined): string | undefined {
  if (end === undefined) return undefined
  if ('path' in end) return hexOf(Buffer.from(end.path))
  const bytes = end.address.includes(':')
    ? ipv6Bytes(end.address)
    : parseAddress(end.address)?.bytes()
  return bytes && hexOf(bytes)
}

const endText = (end: Endpoint | undefined) =>
  end === undefined ? null : 'path' in end ? end.path : end.address
const endPort = (end: Endpoint | undefined) => (end && 'port' in end ? end.port : null)

/** How the contract says what the vectors call the family UNKNOWN of version 1. */
const familyOf = (family: string) => (family === 'UNKNOWN' ? 'UNSPEC' : family)

describe('PROXY protocol vectors', () => {
  test('are the whole file: 110 cases, 39 headers and 71 refusals', () => {
    expect([cases.length, accepted.length, refused.length]).toEqual([110, 39, 71])
  })

  describe.each(accepted)('$id $name ($specClass)', ({ hex, expect: due }) => {
    const result = decode(bytesOf(hex))
    const header = result.status === 'complete' ? result.header : undefined

    test(`is a v${due.version} ${due.command} ${due.family} header of ${due.consumed} bytes`, () => {
      expect(result).toMatchObject({
        status: 'complete',
        byteLength: due.consumed,
        header: {
          version: due.version,
          command: due.command,
          family: familyOf(due.family),
          transport: due.transport ?? 'UNSPEC',
        },
      })
    })

    test(`has the source ${due.src} ${due.srcPort} and destination ${due.dst} ${due.dstPort}`, () => {
      expect({
        use: header?.source === undefined ? 'socket' : 'header',
        src: endText(header?.source),
        srcBytes: endBytes(header?.source),
        srcPort: endPort(header?.source),
        dst: endText(header?.destination),
        dstBytes: endBytes(header?.destination),
        dstPort: endPort(header?.destination),
      }).toEqual({
        use: due.use,
        src: due.src,
        srcBytes: due.srcBytes,
        srcPort: due.srcPort,
        dst: due.dst,
        dstBytes: due.dstBytes,
        dstPort: due.dstPort,
      })
    })

    test(`has ${due.tlvs.length} TLVs`, () => {
      expect(tlvsOf(header?.tlvs ?? [])).toEqual(due.tlvs)
    })

    test('is incomplete at every byte before its end', () => {
      const bytes = bytesOf(hex)
      const statuses = Array.from({ length: due.consumed }, (_, length) => {
        return decode(bytes.subarray(0, length)).status
      })
      expect(statuses).toEqual(Array(due.consumed).fill('incomplete'))
    })

    if (due.ssl) {
      const { client, verify, subTlvs } = due.ssl
      test(`says SSL client ${client}, verify ${verify}, ${subTlvs.length} sub-TLVs`, () => {
        const ssl = tlvViews(header ?? { tlvs: [] }).ssl
        expect(ssl).toMatchObject({ client, verify })
        expect(tlvsOf(ssl?.tlvs ?? [])).toEqual(subTlvs)
      })
    }
  })

  test.each(refused)('$id $name ($specClass): $error', ({ hex, error }) => {
    const result = decode(bytesOf(hex))
    const said = result.status === 'malformed' ? result.code : result.status
    expect(said).toBe(error === 'not_proxy' ? 'absent' : error)
  })
})
