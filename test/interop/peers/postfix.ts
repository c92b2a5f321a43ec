import { join } from 'node:path'
import { freePort } from '../../peers/harness/ports.js'
import { REFUSES_UNKNOWN, REFUSES_UNSPEC, UNCHECKED } from '../harness/faults.js'
import { logReader } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

const FAULTS = {
  'v1 UNKNOWN': REFUSES_UNKNOWN,
  'v2 UNSPEC': REFUSES_UNSPEC,
  'v2 wrong CRC32C': UNCHECKED,
}

const FOLDERS =
  'private public pid active bounce corrupt defer deferred flush hold incoming maildrop saved trace'
const QUEUES = FOLDERS.split(' ')

export const postfix: InteropPeer = {
  name: 'Postfix',
  programs: ['postconf', 'postfix'],
  version: ['-h', 'mail_version'],
  receives: {
    shows: 'its log',
    listeners: [
      {
        setting: 'smtpd_upstream_proxy_protocol = haproxy',
        port: 'smtpd',
        speaks: 'smtp',
        faults: FAULTS,
      },
      {
        setting: 'postscreen_upstream_proxy_protocol = haproxy',
        port: 'postscreen',
        speaks: 'smtp',
        faults: FAULTS,
      },
    ],
    async start() {
      const ports = { smtpd: await freePort(), postscreen: await freePort() }
      const haproxy = (name: string): string => `-o ${name}_upstream_proxy_protocol=haproxy`
      const master = await startConfigured({
        program: 'postfix',
        folders: ['config', 'queue', 'data', 'log', ...QUEUES.map((name) => `queue/${name}`)],
        files: {
          'config/main.cf': `
compatibility_level = 3.6
queue_directory = $FOLDER/queue
data_directory = $FOLDER/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
maillog_file = $FOLDER/log/mail.log
maillog_file_prefixes = /tmp
myhostname = mail.example
inet_interfaces = loopback-only
inet_protocols = all
mynetworks =
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject
smtpd_upstream_proxy_timeout = 2s
postscreen_upstream_proxy_timeout = 2s
postscreen_greet_wait = 1s
`,
          'config/master.cf': `
127.0.0.1:${ports.smtpd} inet n - n - 2 smtpd ${haproxy('smtpd')}
127.0.0.1:${ports.postscreen} inet n - n - 1 postscreen ${haproxy('postscreen')}
smtpd pass - - n - 2 smtpd -o syslog_name=passed
postlog unix-dgram n - n - 1 postlogd
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
rewrite unix - - n - - trivial-rewrite
`,
        },
        args: ['-c', '$FOLDER/config', '-d'],
        readyPort: ports.smtpd,
      })
      // One line a connection: what postscreen passes on is logged again, during the next test.
      const log = logReader(
        join(master.folder, 'log/mail.log'),
        / postfix\/(?:smtpd\[\d+\]: connect from \w*|postscreen\[\d+\]: CONNECT from )\[([^\]]+)\]/,
      )
      return { ...master, ports, named: log.named, skip: log.skip }
    },
  },
}
