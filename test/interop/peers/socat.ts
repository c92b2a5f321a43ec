import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { encode } from '@truehop/proxy-protocol'
import { peerPath } from '../../peers/harness/peer.js'
import { seenBy } from '../harness/client.js'
import { HEADERS, type HeaderName } from '../harness/headers.js'
import type { InteropPeer, SenderCell } from '../harness/peer.js'
import type { Upstreams } from '../harness/upstreams.js'

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

const DELIVERIES: Readonly<Record<string, (header: Buffer) => readonly Buffer[]>> = {
  whole: (header) => [Buffer.concat([header, REQUEST])],
  'byte by byte': (header) => [...[...header].map((byte) => Buffer.of(byte)), REQUEST],
  'header apart': (header) => [header, REQUEST],
}

const cell = (name: HeaderName, delivery: string, where: (to: Upstreams) => string) => ({
  setting: `${where.name} ${delivery}`,
  cell: name,
  ask: (_: unknown, to: Upstreams) => seenBy(to, () => pour(where(to), pieces(name, delivery))),
})

function pieces(name: HeaderName, delivery: string): readonly Buffer[] {
  const { header, bytes, crc32c = false } = HEADERS[name]
  const first = bytes ?? (header === undefined ? Buffer.alloc(0) : encode(header, { crc32c }))
  return DELIVERIES[delivery]?.(first) ?? []
}

/** Has socat carry bytes, a few milliseconds between the pieces, and waits for its end. */
async function pour(address: string, bytes: readonly Buffer[]): Promise<void> {
  const child = spawn(peerPath('socat'), ['-t', '5', '-', address], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {})
  for (const piece of bytes) {
    child.stdin.write(piece)
    if (bytes.length > 1) await delay(3)
  }
  child.stdin.end()
  await exited
}

const TCP4 = ({ http }: Upstreams): string => `TCP4:127.0.0.1:${http},nodelay`
const TCP6 = ({ http6 }: Upstreams): string => `TCP6:[::1]:${http6},nodelay`
const UNIX = ({ unix }: Upstreams): string => `UNIX-CONNECT:${unix}`

const CELLS: readonly SenderCell[] = [
  cell('v1 INET', 'whole', TCP4),
  cell('v1 INET6', 'byte by byte', TCP4),
  cell('v1 UNKNOWN', 'header apart', TCP4),
  cell('v1 mixed', 'whole', TCP6),
  cell('v2 INET', 'byte by byte', TCP4),
  cell('v2 INET6', 'header apart', TCP6),
  cell('v2 mixed', 'whole', TCP6),
  cell('v2 UNIX', 'whole', UNIX),
  cell('v2 UNSPEC', 'header apart', UNIX),
  cell('v2 LOCAL', 'byte by byte', TCP4),
  cell('v2 TLVs, CRC32C', 'byte by byte', TCP4),
  cell('v2 wrong CRC32C', 'whole', TCP4),
  cell('none', 'whole', TCP4),
]

const EXPECTED = {
  'TCP4 whole': {
    'v1 INET': 'v1 PROXY INET to 198.51.100.1; client=192.0.2.7',
    'v2 wrong CRC32C': 'refused: checksum',
    none: 'refused: http-without-header',
  },
  'TCP4 byte by byte': {
    'v1 INET6': 'v1 PROXY INET6 to 2001:db8:1::1; client=2001:db8::7',
    'v2 INET': 'v2 PROXY INET to 198.51.100.1; client=192.0.2.7',
    'v2 LOCAL': 'v2 LOCAL UNSPEC; client=127.0.0.1',
    'v2 TLVs, CRC32C':
      'v2 PROXY INET to 198.51.100.1, AUTHORITY+UNIQUE_ID+0xea+CRC32C; client=192.0.2.7',
  },
  'TCP4 header apart': {
    'v1 UNKNOWN': 'v1 PROXY UNSPEC; client=127.0.0.1',
  },
  'TCP6 whole': {
    'v1 mixed': 'v1 PROXY INET6 to 2001:db8:1::1; client=192.0.2.7',
    'v2 mixed': 'v2 PROXY INET6 to 2001:db8:1::1; client=192.0.2.7',
  },
  'TCP6 header apart': {
    'v2 INET6': 'v2 PROXY INET6 to 2001:db8:1::1; client=2001:db8::7',
  },
  'UNIX whole': {
    'v2 UNIX': 'v2 PROXY UNIX; client=undetermined (unidentified-node)',
  },
  'UNIX header apart': {
    'v2 UNSPEC': 'v2 PROXY UNSPEC; client=undetermined (unix-peer-asserts-nothing)',
  },
}

export const socat: InteropPeer = {
  name: 'socat',
  programs: ['socat'],
  version: ['-V'],
  sends: {
    cells: CELLS,
    expected: EXPECTED,
    start: async () => ({ ports: {}, stop: async () => {} }),
  },
}
