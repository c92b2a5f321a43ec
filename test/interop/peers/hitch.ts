import { certificate } from '../../peers/harness/certificate.js'
import { freePort } from '../../peers/harness/ports.js'
import type { Service } from '../../peers/harness/service.js'
import { ask, type ClientOptions, seenBy } from '../harness/client.js'
import type { HeaderName } from '../harness/headers.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer, SenderCell, Started } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'
import type { Upstreams } from '../harness/upstreams.js'
import { askByConnect } from '../harness/ways.js'

interface Setting {
  readonly lines: string
  readonly backend?: (to: Upstreams) => string
}

const VERIFY = `client-verify = optional\nclient-verify-ca = "${certificate().certFile}"`

/** Each is a process of its own: the setting counts for all of it. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  'write-proxy-v1': { lines: 'write-proxy-v1 = on' },
  'write-proxy-v2, proxy-tlv = off': { lines: 'write-proxy-v2 = on\nproxy-tlv = off' },
  'write-proxy-v2, proxy-tlv': { lines: `write-proxy-v2 = on\n${VERIFY}` },
  'write-proxy-v2, proxy-client-cert': {
    lines: `write-proxy-v2 = on\nproxy-client-cert = on\n${VERIFY}`,
  },
  'write-proxy-v2, alpn-protos': { lines: 'write-proxy-v2 = on\nalpn-protos = "http/1.1"' },
  'write-proxy-v2, Unix backend': { lines: 'write-proxy-v2 = on', backend: ({ unix }) => unix },
  'proxy-proxy': { lines: 'proxy-proxy = on' },
}

const cell = (setting: string, options: ClientOptions, of: string) => ({
  setting,
  cell: of,
  ask: ({ ports }: Started, to: Upstreams) =>
    seenBy(to, () => ask(ports[setting] ?? 0, { tls: true, ...options })),
})

const passedOn = (name: HeaderName) => ({
  setting: 'proxy-proxy',
  cell: name,
  ask: ({ ports }: Started, to: Upstreams) =>
    seenBy(to, () => askByConnect(ports['proxy-proxy'] ?? 0, { tls: true }, name)),
})

const CELLS: readonly SenderCell[] = [
  ...Object.keys(SETTINGS).flatMap((setting) =>
    setting === 'proxy-proxy'
      ? []
      : [
          cell(setting, {}, 'IPv4'),
          cell(setting, { from: '::1' }, 'IPv6'),
          ...(setting.includes('tlv') || setting.includes('cert')
            ? [cell(setting, { certificate: true }, 'certificate')]
            : []),
        ],
  ),
  passedOn('v1 INET'),
  passedOn('v1 INET6'),
  passedOn('v1 UNKNOWN'),
  passedOn('v2 INET'),
  passedOn('v2 LOCAL'),
  passedOn('v2 TLVs, CRC32C'),
]

const EXPECTED = {
  'write-proxy-v1': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
  },
  'write-proxy-v2, proxy-tlv = off': {
    IPv4: 'v2 PROXY INET, AUTHORITY; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, AUTHORITY; client=::1',
    certificate: 'v2 PROXY INET, AUTHORITY; client=127.0.0.9',
  },
  'write-proxy-v2, proxy-tlv': {
    IPv4: 'v2 PROXY INET, AUTHORITY+SSL, TLSv1.3, cipher; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, AUTHORITY+SSL, TLSv1.3, cipher; client=::1',
    certificate: 'v2 PROXY INET, AUTHORITY+SSL, TLSv1.3, cipher, certificate; client=127.0.0.9',
  },
  'write-proxy-v2, proxy-client-cert': {
    IPv4: 'v2 PROXY INET, AUTHORITY+SSL, TLSv1.3, cipher; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, AUTHORITY+SSL, TLSv1.3, cipher; client=::1',
    certificate:
      'v2 PROXY INET, AUTHORITY+0xe0+SSL, TLSv1.3, cipher, certificate; client=127.0.0.9',
  },
  'write-proxy-v2, alpn-protos': {
    IPv4: 'v2 PROXY INET, AUTHORITY+SSL, TLSv1.3, cipher; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, AUTHORITY+SSL, TLSv1.3, cipher; client=::1',
  },
  'write-proxy-v2, Unix backend': {
    IPv4: 'v2 PROXY INET, AUTHORITY+SSL, TLSv1.3, cipher; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, AUTHORITY+SSL, TLSv1.3, cipher; client=::1',
  },
  'proxy-proxy': {
    'v1 INET': 'v1 PROXY INET to 198.51.100.1; client=192.0.2.7',
    'v1 INET6': 'v1 PROXY INET6 to 2001:db8:1::1; client=2001:db8::7',
    'v1 UNKNOWN': 'v1 PROXY UNSPEC; client=127.0.0.1',
    'v2 INET': 'v2 PROXY INET to 198.51.100.1; client=192.0.2.7',
    'v2 LOCAL': 'v2 LOCAL UNSPEC; client=127.0.0.1',
    'v2 TLVs, CRC32C':
      'v2 PROXY INET to 198.51.100.1, AUTHORITY+UNIQUE_ID+0xea+CRC32C; client=192.0.2.7',
  },
}

export const hitch: InteropPeer = {
  name: 'hitch',
  programs: ['hitch'],
  version: ['--version'],
  sends: {
    cells: CELLS,
    expected: EXPECTED,
    async start(to) {
      const ports: Record<string, number> = {}
      const daemons: Service[] = []
      for (const [name, { lines, backend }] of Object.entries(SETTINGS)) {
        const port = await freePort()
        ports[name] = port
        daemons.push(await startHitch(port, backend?.(to) ?? `[127.0.0.1]:${to.http}`, lines))
      }
      return {
        ports,
        async stop() {
          for (const daemon of daemons) await daemon.stop()
        },
      }
    },
  },
  receives: {
    shows: 'the header it passes on',
    listeners: [{ setting: 'proxy-proxy = on', port: 'https', tls: true, faults: {} }],
    async start({ echo }) {
      const ports = { https: await freePort() }
      const daemon = await startHitch(ports.https, `[127.0.0.1]:${echo.http}`, 'proxy-proxy = on')
      return { ...daemon, ports, named: namedByPage }
    },
  },
}

const startHitch = (port: number, backend: string, lines: string) =>
  startConfigured({
    program: 'hitch',
    files: {
      'hitch.conf': `
frontend = "[127.0.0.1]:${port}"
frontend = "[::1]:${port}"
backend = "${backend}"
pem-file = "${certificate().bothFile}"
workers = 1
daemon = off
user = "nobody"
${lines}
`,
    },
    args: ['--config=$FOLDER/hitch.conf'],
    readyPort: port,
  })
