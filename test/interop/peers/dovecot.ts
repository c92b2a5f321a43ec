import { join } from 'node:path'
import { freePort } from '../../peers/harness/ports.js'
import { REFUSES_UNSPEC, UNCHECKED } from '../harness/faults.js'
import { logReader } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

const FAULTS = { 'v2 UNSPEC': REFUSES_UNSPEC, 'v2 wrong CRC32C': UNCHECKED }

export const dovecot: InteropPeer = {
  name: 'Dovecot',
  programs: ['dovecot'],
  version: ['--version'],
  receives: {
    shows: 'its log',
    listeners: [
      { setting: 'inet_listener { haproxy = yes }', port: 'imap', speaks: 'imap', faults: FAULTS },
    ],
    async start() {
      const ports = { imap: await freePort() }
      const server = await startConfigured({
        program: 'dovecot',
        folders: ['run', 'state'],
        files: {
          'dovecot.conf': `
base_dir = $FOLDER/run
state_dir = $FOLDER/state
log_path = $FOLDER/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
haproxy_trusted_networks = 127.0.0.0/8
haproxy_timeout = 2s
default_internal_user = dovecot
default_login_user = dovenull
service imap-login {
  chroot =
  inet_listener imap {
    port = ${ports.imap}
    haproxy = yes
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = password=none
}
`,
        },
        args: ['-F', '-c', '$FOLDER/dovecot.conf'],
        readyPort: ports.imap,
      })
      // Only what was served: of whom it refuses it logs the peer, when that is long gone.
      const log = logReader(
        join(server.folder, 'dovecot.log'),
        /imap-login: Info: Disconnected: .*, rip=([\d.:a-f]+)/,
      )
      return { ...server, ports, named: log.named, skip: log.skip }
    },
  },
}
