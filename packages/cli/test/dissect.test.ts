import { Buffer } from 'node:buffer'
import { encode, TlvType } from '@truehop/proxy-protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SIGNATURE, UNKNOWN_LINE } from '../../../test/bytes/proxy-header.js'
import { describeLayer } from '../src/dissect/describe.js'
import { dissect } from '../src/dissect/dissection.js'
import { helloOf } from './client-hello.js'

const REQUEST = Buffer.from('GET /a HTTP/1.1\r\nHost: x\r\n\r\n')
const kinds = (bytes: Buffer) => dissect(bytes).layers.map(({ kind }) => kind)

describe('the first bytes', () => {
  test('a ClientHello shows server name, protocols and versions', async () => {
    const hello = await helloOf('shop.example', ['h2', 'http/1.1'])
    const { layers, settled } = dissect(hello)
    expect(settled).toBe(true)
    expect(layers).toMatchObject([
      {
        kind: 'tls',
        offset: 0,
        hello: {
          serverName: 'shop.example',
          alpn: ['h2', 'http/1.1'],
          versions: ['TLSv1.3', 'TLSv1.2'],
        },
      },
    ])
  })

  test('a ClientHello in several records is one', async () => {
    const hello = await helloOf('shop.example', ['h2'])
    const message = hello.subarray(5)
    const records = [message.subarray(0, 3), message.subarray(3, 100), message.subarray(100)]
    const cut = records.map((part) =>
      Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]),
    )
    expect(dissect(Buffer.concat(cut)).layers).toEqual(dissect(hello).layers)
  })

  test('everything before it is settled is waited for', async () => {
    const header = encode({
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '192.0.2.1', port: 1 },
      destination: { address: '192.0.2.2', port: 2 },
    })
    for (const payload of [await helloOf('a.example', []), REQUEST]) {
      const bytes = Buffer.concat([header, payload])
      for (let end = 0; end < bytes.length; end++) {
        expect(dissect(bytes.subarray(0, end)).settled, `${end} bytes`).toBe(false)
      }
      expect(dissect(bytes).settled).toBe(true)
      expect(kinds(bytes)).toEqual(['proxy', payload === REQUEST ? 'http' : 'tls'])
    }
  })

  test('headers in a row, each with its place', () => {
    const line = Buffer.from(UNKNOWN_LINE)
    const bytes = Buffer.concat([line, line, REQUEST])
    expect(dissect(bytes).layers.map(({ kind, offset }) => [kind, offset])).toEqual([
      ['proxy', 0],
      ['proxy', 15],
      ['http', 30],
    ])
  })

  test('a malformed header has its code and place, and its bytes', () => {
    const line = Buffer.from('PROXY TCP9 1.2.3.4 1.2.3.4 1 2\r\n')
    const [layer] = dissect(line).layers
    expect(layer).toMatchObject({ kind: 'malformed', code: 'v1_bad_family', bytes: line })
  })

  test.each([
    ['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ['http2']],
    ['another protocol', 'SSH-2.0-x\r\n', ['other']],
    ['nothing', '', []],
  ])('%s', (_what, text, expected) => {
    expect(kinds(Buffer.from(text))).toEqual(expected)
  })

  test('every TLV is shown, its text escaped', () => {
    const ssl = Buffer.from('0100000000' + '210007544c5376312e33' + '22000361' + '1b62', 'hex')
    const bytes = encode(
      {
        version: 2,
        command: 'PROXY',
        family: 'INET6',
        transport: 'STREAM',
        source: { address: '2001:db8::1', port: 1 },
        destination: { address: '2001:db8::2', port: 2 },
        tlvs: [
          { type: TlvType.AUTHORITY, value: Buffer.from('a\u001b.example') },
          { type: TlvType.SSL, value: ssl },
          { type: TlvType.AZURE, value: Buffer.from('0101020000', 'hex') },
          { type: 0xf0, value: Buffer.from('beef', 'hex') },
        ],
      },
      { crc32c: true },
    )
    const [layer] = dissect(bytes).layers
    const text = layer === undefined ? '' : describeLayer(layer).join('\n')
    expect(text).toContain('source       [2001:db8::1]:1')
    expect(text).toContain('TLV 0x02 AUTHORITY, 10 bytes: a\\x1b.example')
    expect(text).toContain('VERSION: TLSv1.3')
    expect(text).toContain('CN: a\\x1bb')
    expect(text).toContain('TLV 0xee AZURE, 5 bytes: 513')
    expect(text).toContain('TLV 0xf0 unknown, 2 bytes: beef')
    expect(text).toMatch(/TLV 0x03 CRC32C, 4 bytes: 0x[0-9a-f]{8}/)
  })

  test('no bytes make it throw, or show a control character', async () => {
    const hello = await helloOf('a.example', ['h2'])
    const starts = [Buffer.alloc(0), hello, REQUEST, Buffer.from(`${SIGNATURE}2111`, 'hex')]
    fc.assert(
      fc.property(
        fc.constantFrom(...starts),
        fc.nat(300),
        fc.uint8Array({ maxLength: 200 }),
        (start, keep, noise) => {
          const bytes = Buffer.concat([start.subarray(0, keep), noise])
          for (const layer of dissect(bytes).layers) {
            // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
            expect(describeLayer(layer).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
