import { freePort } from '../../peers/harness/ports.js'
import { UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

const NOT_THE_OWN = {
  does: 'refused',
  avoid: 'refuses what names no client: give health checks a port without `pp`',
}

const FAULTS = {
  'v1 UNKNOWN': NOT_THE_OWN,
  'v2 UNSPEC': NOT_THE_OWN,
  'v2 LOCAL': NOT_THE_OWN,
  'v2 wrong CRC32C': UNCHECKED,
}

export const trafficserver: InteropPeer = {
  name: 'Apache Traffic Server',
  programs: ['trafficserver'],
  version: ['--version'],
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
const startTrafficServer = (listen: string, remap: string, readyPort: number, more = '') =>
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
CONFIG proxy.config.exec_thread.limit INT 2
CONFIG proxy.config.http.cache.http INT 0
CONFIG proxy.config.http.insert_squid_x_forwarded_for INT 1
CONFIG proxy.config.url_remap.pristine_host_hdr INT 1
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.diags.output.status STRING E
CONFIG proxy.config.diags.output.warning STRING E
${more}
`,
    },
    args: ['--run-root=$FOLDER/runroot.yaml'],
    readyPort,
  })
