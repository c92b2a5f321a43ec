import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { type Service, startProgram } from '../../peers/harness/service.js'

export interface Postfix extends Service {
  /** On 127.0.0.1. `plain` is smtpd that wants no header. */
  readonly ports: Readonly<Record<'smtpd' | 'postscreen' | 'plain', number>>
}

/** The queue's folders that the services below look for. */
const QUEUE = ['pid', 'private', 'public']

/** Debian's Postfix as its own master starts it, with the services that greet and no others; as root. */
export async function startPostfix(): Promise<Postfix> {
  const ports = { smtpd: await freePort(), postscreen: await freePort(), plain: await freePort() }
  const folder = temporaryFolder('postfix')
  // Its services run as another user.
  chmodSync(folder, 0o755)
  for (const name of ['data', 'queue', ...QUEUE.map((one) => join('queue', one))]) {
    mkdirSync(join(folder, name))
  }
  writeFileSync(join(folder, 'main.cf'), main(folder))
  writeFileSync(join(folder, 'master.cf'), master(ports))
  // Its services, which run as that user, keep their sockets and caches in folders of their own.
  const args = [
    '-c',
    `chown postfix "$1/data" "$1/queue/private" "$1/queue/public" && exec "$2" -c "$1" -d`,
    'sh',
    folder,
  ]
  const program = await startProgram({
    path: '/bin/sh',
    args: [...args, peerPath('postfix')],
    readyPort: ports.smtpd,
    folder,
  })
  return { ...program, ports }
}

/** Nothing is looked up, and no mail is taken: the greeting is all that is wanted. */
const main = (folder: string): string => `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
daemon_directory = /usr/lib/postfix/sbin
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
myhostname = mail.example
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks =
local_recipient_maps =
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject
postscreen_greet_wait = 1s
postscreen_cache_map =
`

const master = ({ smtpd, postscreen, plain }: Postfix['ports']): string => `\
127.0.0.1:${smtpd} inet n - n - 8 smtpd -o smtpd_upstream_proxy_protocol=haproxy
127.0.0.1:${plain} inet n - n - 8 smtpd
127.0.0.1:${postscreen} inet n - n - 1 postscreen -o postscreen_upstream_proxy_protocol=haproxy
smtpd pass - - n - 8 smtpd
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`
