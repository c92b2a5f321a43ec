import { setTimeout as delay } from 'node:timers/promises'
import { certificate } from '../../peers/harness/certificate.js'
import { freePort } from '../../peers/harness/ports.js'
import { ask, type ClientOptions, seenBy, twoClients } from '../harness/client.js'
import { REFUSES_UNSPEC, UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer, SenderCell, Started } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'
import type { Upstreams } from '../harness/upstreams.js'

/** The release that the suites run on; `caddy list-modules` has no `caddy.listeners.proxy_protocol`. */
export const caddy: InteropPeer = {
  name: 'Caddy',
  programs: ['caddy'],
  version: ['version'],
  cannot: [
    'before 2.7 it neither writes nor reads PROXY headers (`caddy list-modules` has no `proxy_protocol`); the cells of Caddy 2.11 show them',
  ],
}

const GLOBAL = '  admin off\n  auto_https off\n  persist_config off\n'

const V1 = 'transport http { proxy_protocol v1 }'
const V2 = 'transport http { proxy_protocol v2 }'
const WAYS = { [V1]: 'proxy_protocol v1', [V2]: 'proxy_protocol v2' }

const expectedOf = (version: 'v1' | 'v2') => ({
  IPv4: `${version} PROXY INET; client=127.0.0.9`,
  IPv6: `${version} PROXY INET6; client=::1`,
  'two clients in a row': `${version} PROXY INET; client=127.0.0.7 | ${version} PROXY INET; client=127.0.0.8`,
})

/** Every header of it. */
const withoutDestination = (version: 'v1' | 'v2') => {
  const to = (does: string) => ({
    does,
    avoid:
      'names 0.0.0.0 or :: as the address that the client came to: go by the source of its headers alone',
  })
  const of = (last: number): string => `${version} PROXY INET to 0.0.0.0; client=127.0.0.${last}`
  return {
    IPv4: to(of(9)),
    IPv6: to(`${version} PROXY INET6 to ::; client=::1`),
    'two clients in a row': to(`${of(7)} | ${of(8)}`),
  }
}

const cell = (setting: string, of: string, options: ClientOptions): SenderCell => ({
  setting,
  cell: of,
  ask: ({ ports }: Started, to: Upstreams) => seenBy(to, () => ask(ports[setting] ?? 0, options)),
})

const check = (setting: string): SenderCell => ({
  setting,
  cell: 'health check',
  async ask(_: unknown, to: Upstreams) {
    for (const start = Date.now(); Date.now() - start < 3000; await delay(20)) {
      const [line] = to.takeChecks()
      if (line !== undefined) return line
    }
    return 'none comes'
  },
})

const CHECKED = 'proxy_protocol v2, health_uri'

const FAULTS = { 'v2 UNSPEC': REFUSES_UNSPEC, 'v2 wrong CRC32C': UNCHECKED }

const SERVES_WITHOUT = {
  does: 'self',
  avoid: 'serves connections without a header: `fallback_policy require` in place of `allow`',
}

/** 2.11 of Debian's development release. */
export const caddyUnstable: InteropPeer = {
  name: 'Caddy 2.11',
  programs: ['caddy-unstable'],
  version: ['version'],
  onlyIn: 'long',
  sends: {
    cells: [
      ...Object.keys(WAYS).flatMap((setting) => [
        cell(setting, 'IPv4', {}),
        cell(setting, 'IPv6', { from: '::1' }),
        twoClients(setting, setting, '/'),
      ]),
      check(CHECKED),
    ],
    expected: {
      [V1]: expectedOf('v1'),
      [V2]: expectedOf('v2'),
      [CHECKED]: { 'health check': 'v2 LOCAL UNSPEC; client=127.0.0.1' },
    },
    faults: {
      [V1]: withoutDestination('v1'),
      [V2]: withoutDestination('v2'),
      [CHECKED]: {
        'health check': {
          does: 'none comes',
          avoid:
            'its checks fail before they connect and take the server out of use: leave `health_uri` out',
        },
      },
    },
    async start(to) {
      const ports: Record<string, number> = {}
      const site = (port: number, upstream: number, lines: string): string => `http://:${port} {
  bind 127.0.0.1 ::1
  reverse_proxy 127.0.0.1:${upstream} {
${lines}
  }
}
`
      let text = ''
      for (const [name, line] of Object.entries(WAYS)) {
        const port = await freePort()
        ports[name] = port
        text += site(port, to.http, `    transport http {\n      ${line}\n    }`)
      }
      const last = await freePort()
      const health = '    health_uri /\n    health_interval 50ms'
      text += site(
        last,
        to.checked,
        `${health}\n    transport http {\n      proxy_protocol v2\n    }`,
      )
      const started = await startConfigured({
        program: 'caddy-unstable',
        files: { Caddyfile: `{\n${GLOBAL}}\n${text}` },
        args: ['run', '--adapter', 'caddyfile', '--config', '$FOLDER/Caddyfile'],
        env: { HOME: '$FOLDER' },
        readyPort: last,
      })
      return { ...started, ports }
    },
  },
  receives: {
    shows: 'the page',
    listeners: [
      {
        setting: 'listener_wrappers { proxy_protocol { fallback_policy require } }',
        port: 'http',
        faults: FAULTS,
      },
      {
        setting: 'listener_wrappers { proxy_protocol { fallback_policy require } tls }',
        port: 'https',
        tls: true,
        faults: FAULTS,
      },
      {
        setting: 'listener_wrappers { proxy_protocol { allow 127.0.0.0/8 } }',
        port: 'allowed',
        faults: { ...FAULTS, none: SERVES_WITHOUT },
      },
    ],
    async start() {
      const ports = { http: await freePort(), https: await freePort(), allowed: await freePort() }
      const { certFile, keyFile } = certificate()
      const wrapped = (
        port: number,
        line: string,
        tls = '',
      ): string => `  servers 127.0.0.1:${port} {
    listener_wrappers {
      proxy_protocol {
        timeout 2s
        ${line}
      }
      ${tls}
    }
  }
`
      const page = '  respond "client={http.request.remote.host}"'
      const started = await startConfigured({
        program: 'caddy-unstable',
        files: {
          Caddyfile: `{
${GLOBAL}
${wrapped(ports.http, 'fallback_policy require')}
${wrapped(ports.https, 'fallback_policy require', 'tls')}
${wrapped(ports.allowed, 'allow 127.0.0.0/8')}
}
http://:${ports.http}, http://:${ports.allowed} {
  bind 127.0.0.1
${page}
}
https://:${ports.https} {
  bind 127.0.0.1
  tls ${certFile} ${keyFile}
${page}
}
`,
        },
        args: ['run', '--adapter', 'caddyfile', '--config', '$FOLDER/Caddyfile'],
        env: { HOME: '$FOLDER' },
        readyPort: ports.https,
      })
      return { ...started, ports, named: namedByPage }
    },
  },
}
