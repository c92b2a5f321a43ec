import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { certificate } from '../../peers/harness/certificate.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { startNginx } from '../../peers/harness/nginx.js'
import { freePort } from '../../peers/harness/ports.js'
import type { Service } from '../../peers/harness/service.js'
import { ask, askUnix, type ClientOptions, converse, seenBy } from '../harness/client.js'
import { UNCHECKED } from '../harness/faults.js'
import type { HeaderName } from '../harness/headers.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer, SenderCell, Started } from '../harness/peer.js'
import type { Upstreams } from '../harness/upstreams.js'
import { askByConnect } from '../harness/ways.js'

const FAULTS = { 'v2 wrong CRC32C': UNCHECKED }

const cell = (setting: string, of: string, port: string, options: ClientOptions) => ({
  setting,
  cell: of,
  ask: ({ ports }: Started, to: Upstreams) => seenBy(to, () => ask(ports[port] ?? 0, options)),
})

const REALIP = 'listen … proxy_protocol, set_real_ip_from, proxy_protocol on'
const MIXED_ACCEPTED = `${REALIP}, read with mixedFamilies: 'accept'`

/** What nginx does with the header of a proxy in front of it. */
const realip = (name: HeaderName, port = 'realip') => ({
  setting: port === 'realip' ? REALIP : MIXED_ACCEPTED,
  cell: name,
  ask: ({ ports }: Started, to: Upstreams) =>
    seenBy(to, () => askByConnect(ports[port] ?? 0, {}, name)),
})

const CELLS: readonly SenderCell[] = [
  cell('stream: proxy_protocol on', 'IPv4', 'plain', {}),
  cell('stream: proxy_protocol on', 'IPv6', 'plain', { from: '::1' }),
  cell('stream: proxy_protocol on, ssl', 'IPv4', 'tls', { tls: true }),
  cell('stream: proxy_pass unix:', 'IPv4', 'unix', {}),
  {
    setting: 'stream: listen unix:',
    cell: 'Unix client',
    ask: ({ unix }, to) => seenBy(to, () => askUnix(String(unix))),
  },
  realip('v1 INET'),
  realip('v1 INET6'),
  realip('v2 INET6'),
  realip('v1 UNKNOWN'),
  realip('v2 LOCAL'),
  realip('v1 INET6', 'mixed'),
  realip('v2 INET', 'mixed'),
  {
    setting: 'mail: proxy_protocol on',
    cell: 'SMTP, IPv4',
    ask: ({ ports }, to) =>
      seenBy(to, () =>
        converse(ports['mail'] ?? 0, [
          'EHLO a',
          'MAIL FROM:<a@b.example>',
          'RCPT TO:<b@b.example>',
          'QUIT',
        ]),
      ),
  },
]

/** Tells nginx where every mail goes. */
async function startAuth(port: number): Promise<Service & { readonly port: number }> {
  const server = createServer((_, response) => {
    response.setHeader('Auth-Status', 'OK')
    response.setHeader('Auth-Server', '127.0.0.1')
    response.setHeader('Auth-Port', String(port))
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const EXPECTED = {
  'stream: proxy_protocol on': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
  },
  'stream: proxy_protocol on, ssl': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
  },
  'stream: proxy_pass unix:': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
  },
  'stream: listen unix:': {
    'Unix client': 'v1 PROXY UNSPEC; client=127.0.0.1',
  },
  'listen … proxy_protocol, set_real_ip_from, proxy_protocol on': {
    'v1 INET': 'v1 PROXY INET; client=192.0.2.7',
    'v1 INET6': 'v1 PROXY INET6; client=2001:db8::7',
    'v2 INET6': 'v1 PROXY INET6; client=2001:db8::7',
    'v1 UNKNOWN': 'v1 PROXY INET; client=127.0.0.1',
    'v2 LOCAL': 'v1 PROXY INET; client=127.0.0.1',
  },
  [MIXED_ACCEPTED]: {
    'v1 INET6': 'v1 PROXY INET6; client=2001:db8::7',
    'v2 INET': 'v1 PROXY INET; client=192.0.2.7',
  },
  'mail: proxy_protocol on': {
    'SMTP, IPv4': 'v1 PROXY INET; client=127.0.0.9',
  },
}

const MIXED = {
  does: 'refused: malformed:v1_bad_address',
  avoid:
    'writes TCP6 with an IPv4 address if the client and its own end differ in family: listen on IPv6 and on IPv4 separately, or leave `set_real_ip_from` out',
}

const SENDING_FAULTS = {
  'listen … proxy_protocol, set_real_ip_from, proxy_protocol on': {
    'v1 INET6': MIXED,
    'v2 INET6': MIXED,
  },
}

export const nginx: InteropPeer = {
  name: 'nginx',
  programs: ['nginx', 'nginx-mail'],
  version: ['-v'],
  sends: {
    cells: CELLS,
    expected: EXPECTED,
    faults: SENDING_FAULTS,
    async start(to) {
      const ports: Record<string, number> = {}
      for (const name of ['plain', 'unix', 'realip', 'mixed', 'tls', 'mail'])
        ports[name] = await freePort()
      const folder = temporaryFolder('nginx-unix')
      const listener = join(folder, 'listen.sock')
      const { certFile, keyFile } = certificate()
      const auth = await startAuth(to.mail)
      const program = await startNginx({
        stream: `
proxy_protocol on;
server {
  listen 127.0.0.1:${ports['plain']};
  listen [::1]:${ports['plain']};
  proxy_pass 127.0.0.1:${to.http};
}
server { listen 127.0.0.1:${ports['unix']}; proxy_pass unix:${to.unix}; }
server { listen unix:${listener}; proxy_pass 127.0.0.1:${to.http}; }
server {
  listen 127.0.0.1:${ports['realip']} proxy_protocol;
  set_real_ip_from 127.0.0.0/8;
  proxy_pass 127.0.0.1:${to.http};
}
server {
  listen 127.0.0.1:${ports['mixed']} proxy_protocol;
  set_real_ip_from 127.0.0.0/8;
  proxy_pass 127.0.0.1:${to.mixed};
}
server {
  listen 127.0.0.1:${ports['tls']} ssl;
  ssl_certificate ${certFile};
  ssl_certificate_key ${keyFile};
  proxy_pass 127.0.0.1:${to.http};
}`,
        mail: `
server {
  listen 127.0.0.1:${ports['mail']};
  protocol smtp;
  smtp_auth none;
  xclient off;
  auth_http 127.0.0.1:${auth.port}/;
  proxy_protocol on;
}`,
      })
      return {
        ports,
        unix: listener,
        async stop() {
          await program.stop()
          await auth.stop()
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
  },
  receives: {
    shows: 'the page',
    listeners: [
      { setting: 'listen … proxy_protocol', port: 'http', faults: FAULTS },
      { setting: 'listen … ssl proxy_protocol', port: 'https', tls: true, faults: FAULTS },
    ],
    async start() {
      const ports = { http: await freePort(), https: await freePort() }
      const { certFile, keyFile } = certificate()
      const { stop } = await startNginx({
        http: `
real_ip_header proxy_protocol;
set_real_ip_from 127.0.0.0/8;
ssl_certificate ${certFile};
ssl_certificate_key ${keyFile};
server { listen 127.0.0.1:${ports.http} proxy_protocol; return 200 "client=$remote_addr"; }
server { listen 127.0.0.1:${ports.https} ssl proxy_protocol; return 200 "client=$remote_addr"; }`,
      })
      return { ports, stop, named: namedByPage }
    },
  },
}
