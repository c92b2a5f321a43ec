import { freePort } from '../../peers/harness/ports.js'
import { REFUSES_UNSPEC, UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

/** Of Debian's packages only exim4-daemon-heavy is built with it, which excludes Postfix: not installed. */
export const exim: InteropPeer = {
  name: 'Exim',
  programs: ['exim'],
  version: ['-C', '/dev/null', '-bV'],
  receives: {
    shows: 'its greeting',
    listeners: [
      {
        setting: 'hosts_proxy = 127.0.0.0/8',
        port: 'smtp',
        speaks: 'smtp',
        faults: { 'v2 UNSPEC': REFUSES_UNSPEC, 'v2 wrong CRC32C': UNCHECKED },
      },
    ],
    async start() {
      const ports = { smtp: await freePort() }
      const server = await startConfigured({
        program: 'exim',
        folders: ['spool', 'log'],
        files: {
          'exim.conf': `
exim_user = nobody
exim_group = nogroup
spool_directory = $FOLDER/spool
log_file_path = $FOLDER/log/%slog
pid_file_path = $FOLDER/spool/exim.pid
primary_hostname = mail.example
local_interfaces = 127.0.0.1
keep_environment =
tls_advertise_hosts =
smtp_banner = mail.example client=$sender_host_address
hosts_proxy = 127.0.0.0/8
`,
        },
        args: ['-C', '$FOLDER/exim.conf', '-bdf', '-oX', String(ports.smtp)],
        readyPort: ports.smtp,
      })
      return { ...server, ports, named: namedByPage }
    },
  },
}
