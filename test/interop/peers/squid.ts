import { freePort } from '../../peers/harness/ports.js'
import { UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

const FAULTS = {
  'v1 mixed': {
    does: 'refused',
    avoid: 'refuses mapped addresses in version 1: send version 2',
  },
  'v2 UNIX': {
    does: '::',
    avoid: 'names `::` as the client of a Unix socket: write LOCAL for those',
  },
  'v2 wrong CRC32C': UNCHECKED,
}

export const squid: InteropPeer = {
  name: 'Squid',
  programs: ['squid'],
  version: ['-v'],
  receives: {
    shows: 'X-Forwarded-For to the service behind',
    listeners: [
      { setting: 'http_port … accel require-proxy-header', port: 'http', faults: FAULTS },
    ],
    async start({ echo }) {
      const ports = { http: await freePort() }
      const server = await startConfigured({
        program: 'squid',
        folders: ['logs'],
        files: {
          'squid.conf': `
http_port 127.0.0.1:${ports.http} accel defaultsite=localhost require-proxy-header
cache_peer 127.0.0.1 parent ${echo.plain} 0 no-query originserver no-digest no-netdb-exchange
acl front src 127.0.0.0/8
proxy_protocol_access allow front
http_access allow all
cache deny all
cache_mem 8 MB
access_log none
cache_log $FOLDER/logs/cache.log
pid_filename $FOLDER/logs/squid.pid
coredump_dir $FOLDER/logs
pinger_enable off
netdb_filename none
forwarded_for on
visible_hostname localhost
workers 1
shutdown_lifetime 0 seconds
`,
        },
        args: ['-N', '-f', '$FOLDER/squid.conf'],
        readyPort: ports.http,
      })
      return { ...server, ports, named: namedByPage }
    },
  },
}
