import { freePort } from '../../peers/harness/ports.js'
import { ask, type ClientOptions, seenBy, twoClients } from '../harness/client.js'
import { UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer, SenderCell, Started } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'
import type { Upstreams } from '../harness/upstreams.js'

const NOT_THE_OWN = {
  does: 'refused',
  avoid: 'refuses headers that name no client: give health checks a port without `pp`',
}

const FAULTS = {
  'v1 UNKNOWN': NOT_THE_OWN,
  'v2 UNSPEC': NOT_THE_OWN,
  'v2 LOCAL': NOT_THE_OWN,
  'v2 wrong CRC32C': UNCHECKED,
}

const NO_SHARING = 'server_session_sharing.match=none'

/** With the path that has it, and in the program's words. */
const SETTINGS = [
  ['proxy_protocol_out = 1, no sharing', '/v1', ['proxy_protocol_out=1', NO_SHARING]],
  ['proxy_protocol_out = 2, no sharing', '/v2', ['proxy_protocol_out=2', NO_SHARING]],
  ['proxy_protocol_out = 2', '/shared', ['proxy_protocol_out=2']],
] as const

const CELLS: readonly SenderCell[] = SETTINGS.flatMap(([setting, path]) =>
  path === '/shared'
    ? [twoClients(setting, 'http', path)]
    : [
        cell(setting, 'IPv4', { path }),
        cell(setting, 'IPv6', { path, from: '::1' }),
        twoClients(setting, 'http', path),
      ],
)

function cell(setting: string, of: string, options: ClientOptions): SenderCell {
  return {
    setting,
    cell: of,
    ask: ({ ports }: Started, to: Upstreams) => seenBy(to, () => ask(ports['http'] ?? 0, options)),
  }
}

const EXPECTED = {
  'proxy_protocol_out = 1, no sharing': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
    'two clients in a row': 'v1 PROXY INET; client=127.0.0.7 | v1 PROXY INET; client=127.0.0.8',
  },
  'proxy_protocol_out = 2, no sharing': {
    IPv4: 'v2 PROXY INET; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6; client=::1',
    'two clients in a row': 'v2 PROXY INET; client=127.0.0.7 | v2 PROXY INET; client=127.0.0.8',
  },
  'proxy_protocol_out = 2': {
    'two clients in a row': 'v2 PROXY INET; client=127.0.0.7 | v2 PROXY INET; client=127.0.0.8',
  },
}

const SWAPPED =
  'names its own end as the source and the client as the destination: leave `proxy_protocol_out` off, use X-Forwarded-For'
const SHARES =
  'reuses a connection with one client’s header for the next client: set `server_session_sharing.match` to none'

const SENDING_FAULTS = {
  'proxy_protocol_out = 1, no sharing': {
    IPv4: { does: 'v1 PROXY INET to 127.0.0.9; client=127.0.0.1', avoid: SWAPPED },
    'two clients in a row': {
      does: 'v1 PROXY INET to 127.0.0.7; client=127.0.0.1 | v1 PROXY INET to 127.0.0.8; client=127.0.0.1',
      avoid: SWAPPED,
    },
  },
  'proxy_protocol_out = 2, no sharing': {
    IPv4: { does: 'v2 PROXY INET to 127.0.0.9; client=127.0.0.1', avoid: SWAPPED },
    'two clients in a row': {
      does: 'v2 PROXY INET to 127.0.0.7; client=127.0.0.1 | v2 PROXY INET to 127.0.0.8; client=127.0.0.1',
      avoid: SWAPPED,
    },
  },
  'proxy_protocol_out = 2': {
    'two clients in a row': {
      does: 'v2 PROXY INET to 127.0.0.7; client=127.0.0.1 | v2 PROXY INET to 127.0.0.7; client=127.0.0.1',
      avoid: SHARES,
    },
  },
}

export const trafficserver: InteropPeer = {
  name: 'Apache Traffic Server',
  programs: ['trafficserver'],
  version: ['--version'],
  sends: {
    cells: CELLS,
    expected: EXPECTED,
    faults: SENDING_FAULTS,
    async start(to) {
      const ports = { http: await freePort() }
      const { http } = ports
      const server = await startTrafficServer(
        `${http}:ip-in=127.0.0.1 ${http}:ipv6:ip-in=[::1]`,
        SETTINGS.map(([, path, lines]) => {
          const set = lines.map((line) => `@pparam=proxy.config.http.${line}`).join(' ')
          return `map ${path} http://127.0.0.1:${to.http}/ @plugin=conf_remap.so ${set}`
        }).join('\n'),
        ports.http,
      )
      return { ...server, ports }
    },
  },
  receives: {
    shows: 'X-Forwarded-For to the service behind',
    listeners: [{ setting: 'server_ports …:pp', port: 'http', faults: FAULTS }],
    async start({ echo }) {
      const ports = { http: await freePort() }
      const server = await startTrafficServer(
        `${ports.http}:ip-in=127.0.0.1:pp`,
        `map / http://127.0.0.1:${echo.plain}/`,
        ports.http,
      )
      return { ...server, ports, named: namedByPage }
    },
  },
}

const FOLDERS = ['config', 'log', 'run', 'cache', 'config/body_factory/default']

/** Everything in a folder of its own: `TS_ROOT` would look for its modules there too. */
const startTrafficServer = (listen: string, remap: string, readyPort: number) =>
  startConfigured({
    program: 'trafficserver',
    folders: FOLDERS,
    files: {
      'runroot.yaml': `
prefix: $FOLDER
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
sysconfdir: $FOLDER/config
datadir: /usr/share/trafficserver
includedir: /usr/include
libdir: /usr/lib
libexecdir: /usr/lib/trafficserver/modules
localstatedir: $FOLDER/run
runtimedir: $FOLDER/run
logdir: $FOLDER/log
cachedir: $FOLDER/cache
`,
      'config/remap.config': `${remap}\n`,
      'config/ip_allow.yaml': `ip_allow:
  - { apply: in, ip_addrs: [0/0, '::/0'], action: allow, methods: ALL }
`,
      'config/storage.config': '$FOLDER/cache 16M\n',
      'config/records.config': `
CONFIG proxy.config.http.server_ports STRING ${listen}
CONFIG proxy.config.http.proxy_protocol_allowlist STRING 127.0.0.0/8
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.http.cache.http INT 0
CONFIG proxy.config.http.insert_squid_x_forwarded_for INT 1
CONFIG proxy.config.url_remap.pristine_host_hdr INT 1
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.diags.output.status STRING E
CONFIG proxy.config.diags.output.warning STRING E
`,
    },
    args: ['--run-root=$FOLDER/runroot.yaml'],
    readyPort,
  })
