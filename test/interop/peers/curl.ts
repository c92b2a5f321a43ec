import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { certificate } from '../../peers/harness/certificate.js'
import { peerPath } from '../../peers/harness/peer.js'
import { seenBy } from '../harness/client.js'
import type { InteropPeer, SenderCell } from '../harness/peer.js'
import type { Upstreams } from '../harness/upstreams.js'

const run = promisify(execFile)

const cell = (of: string, url: (to: Upstreams) => readonly string[]) => ({
  setting: '--haproxy-protocol',
  cell: of,
  ask: (_: unknown, to: Upstreams) =>
    seenBy(to, () => {
      const always = ['--silent', '--max-time', '5', '--haproxy-protocol']
      const tls = ['--cacert', certificate().certFile]
      return run(peerPath('curl'), [...always, ...tls, ...url(to)]).catch(() => {})
    }),
})

const CELLS: readonly SenderCell[] = [
  cell('IPv4', ({ http }) => [`http://127.0.0.1:${http}/`, '--interface', '127.0.0.9']),
  cell('IPv6', ({ http6 }) => [`http://[::1]:${http6}/`]),
  cell('TLS', ({ https }) => [`https://127.0.0.1:${https}/`, '--interface', '127.0.0.9']),
  cell('Unix', ({ unix }) => ['--unix-socket', unix, 'http://localhost/']),
]

const EXPECTED = {
  '--haproxy-protocol': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
    TLS: 'v1 PROXY INET; client=127.0.0.9',
    Unix: 'v1 PROXY UNSPEC; client=undetermined (unix-peer-asserts-nothing)',
  },
}

export const curl: InteropPeer = {
  name: 'curl',
  programs: ['curl'],
  version: ['--version'],
  sends: {
    cells: CELLS,
    expected: EXPECTED,
    start: async () => ({ ports: {}, stop: async () => {} }),
  },
}
