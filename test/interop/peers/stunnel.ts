import { certificate } from '../../peers/harness/certificate.js'
import { freePort } from '../../peers/harness/ports.js'
import { ask, seenBy } from '../harness/client.js'
import type { InteropPeer, SenderCell, Started } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'
import type { Upstreams } from '../harness/upstreams.js'

const cell = (of: string, port: string, from: string | undefined) => ({
  setting: 'protocol = proxy',
  cell: of,
  ask: ({ ports }: Started, to: Upstreams) =>
    seenBy(to, () => ask(ports[port] ?? 0, { tls: true, ...(from === undefined ? {} : { from }) })),
})

const CELLS: readonly SenderCell[] = [
  cell('IPv4', 'v4', undefined),
  cell('IPv6', 'v6', '::1'),
  cell('Unix backend', 'unix', undefined),
]

const EXPECTED = {
  'protocol = proxy': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
    'Unix backend': 'v1 PROXY INET; client=127.0.0.9',
  },
}

export const stunnel: InteropPeer = {
  name: 'stunnel',
  programs: ['stunnel'],
  version: ['-version'],
  sends: {
    cells: CELLS,
    expected: EXPECTED,
    async start(to) {
      const ports = { v4: await freePort(), v6: await freePort(), unix: await freePort() }
      const service = (name: string, accept: string, connect: string | number): string => `
[${name}]
accept = ${accept}
connect = ${connect}
protocol = proxy
cert = ${certificate().bothFile}
`
      const daemon = await startConfigured({
        program: 'stunnel',
        files: {
          'stunnel.conf': `foreground = yes
pid =
${service('v4', `127.0.0.1:${ports.v4}`, `127.0.0.1:${to.http}`)}
${service('v6', `::1:${ports.v6}`, `::1:${to.http6}`)}
${service('unix', `127.0.0.1:${ports.unix}`, to.unix)}`,
        },
        args: ['$FOLDER/stunnel.conf'],
        readyPort: ports.unix,
      })
      return { ...daemon, ports }
    },
  },
}
