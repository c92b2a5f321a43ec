import { describe, expect, test } from 'vitest'
import { acceptProxyProtocol, encode, type ProxyHeader } from '../../src/index.js'
import { ask, relay } from './client.js'
import { echoServer, KINDS, listening } from './service.js'

const ADDRESSES = {
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '192.0.2.7', port: 4711 },
  destination: { address: '198.51.100.1', port: 443 },
} as const

const V1: ProxyHeader = { version: 1, ...ADDRESSES, tlvs: [] }
const V2: ProxyHeader = {
  version: 2,
  ...ADDRESSES,
  tlvs: [{ type: 0xe0, value: Uint8Array.of(1, 2, 3) }],
}

/** Positions into the payload to split at, beyond the end of the header. */
const BEYOND = 20

describe.each(KINDS)('%s: header and payload split anywhere', (kind) => {
  test.each([V1, V2])('version $version', async (header) => {
    const server = echoServer(kind)
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const port = await listening(server)
    const bytes = encode(header)
    const positions = Array.from({ length: bytes.length + BEYOND }, (_, at) => at)

    for (const group of inGroups(positions, 12)) {
      const asked = group.map(async (at) => {
        const front = await relay(port, bytes, (first) => [
          first.subarray(0, at),
          first.subarray(at),
        ])
        return ask(kind, front, `body of ${at}`)
      })
      for (const [index, answer] of (await Promise.all(asked)).entries()) {
        expect(answer.body).toBe(`body of ${group[index]}`)
        expect(answer.evidence).toMatchObject({
          peer: '127.0.0.1',
          headers: [{ version: header.version, source: header.source }],
        })
      }
    }
    expect(handle.counters).toMatchObject({
      accepted: positions.length,
      pending: 0,
      refusedTotal: 0,
    })
  })

  test.each([V1, V2])('version $version, one byte at a time', async (header) => {
    const server = echoServer(kind)
    acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const bytes = encode(header)
    const front = await relay(await listening(server), bytes, (first) => [
      ...Array.from(first.subarray(0, bytes.length + 5), (byte) => Buffer.of(byte)),
      first.subarray(bytes.length + 5),
    ])
    const answer = await ask(kind, front, 'slow')
    expect(answer.body).toBe('slow')
    expect(answer.evidence.headers[0]?.source).toEqual(header.source)
  })
})

function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  const groups: Item[][] = []
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size))
  return groups
}
