import { setTimeout as delay } from 'node:timers/promises'
import { certificate } from '../../peers/harness/certificate.js'
import { freePort } from '../../peers/harness/ports.js'
import { ask, type ClientOptions, PATIENCE_MS, seenBy, twoClients } from '../harness/client.js'
import type { SenderCell, Sends, Started } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'
import type { Upstreams } from '../harness/upstreams.js'

/** One `server` line, behind a listener of its own. */
export interface HaproxyWay {
  /** The words on the `server` line. */
  readonly name: string
  readonly mode?: 'http'
  readonly tls?: true
  readonly lines?: string
  readonly server?: (to: Upstreams) => string
  readonly setting?: string
}

const WAYS: readonly HaproxyWay[] = [
  { name: 'send-proxy' },
  { name: 'send-proxy-v2' },
  { name: 'send-proxy-v2-ssl', tls: true },
  { name: 'send-proxy-v2-ssl-cn', tls: true },
  {
    name: 'send-proxy-v2 proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key',
    tls: true,
  },
  { name: 'send-proxy-v2 proxy-v2-options crc32c' },
  {
    name: 'send-proxy-v2 proxy-v2-options crc32c,unique-id,authority',
    mode: 'http',
    tls: true,
    lines: 'unique-id-format %pid-%rt',
  },
  {
    name: 'send-proxy, a server on a Unix socket',
    server: ({ unix }) => `unix@${unix} send-proxy`,
  },
  {
    name: 'send-proxy-v2, http-reuse always',
    mode: 'http',
    lines: 'http-reuse always',
    server: ({ http }) => `127.0.0.1:${http} send-proxy-v2`,
  },
  ...(['send-proxy', 'send-proxy-v2'] as const).flatMap((send): HaproxyWay[] => [
    {
      name: `${send}, set-src of the other family`,
      mode: 'http',
      lines: 'http-request set-src str(2001:db8::7)',
      server: ({ http }) => `127.0.0.1:${http} ${send}`,
    },
    {
      name: `${send}, check`,
      mode: 'http',
      lines: 'option httpchk GET /',
      server: ({ checked }) => `127.0.0.1:${checked} ${send} check inter 50ms`,
    },
  ]),
]

const GLOBAL = `global
  nbthread 1
  maxconn 200
defaults
  timeout connect 5s
  timeout client 10s
  timeout server 10s
`

function section(way: HaproxyWay, port: number, to: Upstreams): string {
  const { mode = 'tcp', tls, lines = '', server } = way
  const { bothFile, certFile } = certificate()
  const ssl = tls === true ? ` ssl crt ${bothFile} verify optional ca-file ${certFile}` : ''
  return `listen listen-${port}
  mode ${mode}
  bind 127.0.0.1:${port}${ssl}
  bind ::1:${port}${ssl}
  ${lines}
  server one ${server?.(to) ?? `127.0.0.1:${to.http} ${way.name}`}
`
}

const cell = (setting: string, of: string, options: ClientOptions) => ({
  setting,
  cell: of,
  ask: ({ ports }: Started, to: Upstreams) => seenBy(to, () => ask(ports[setting] ?? 0, options)),
})

/** Checks go on as long as it runs, to a receiver of their own. */
const check = (setting: string) => ({
  setting,
  cell: 'health check',
  async ask(_: unknown, to: Upstreams) {
    const version = setting.includes('v2') ? 'v2' : 'v1'
    const seen = new Set<string>()
    for (const start = Date.now(); Date.now() - start < PATIENCE_MS; await delay(20)) {
      for (const line of to.takeChecks()) if (line.startsWith(version)) seen.add(line)
      if (seen.size > 0) break
    }
    return [...seen].join(' | ')
  },
})

const cellsOf = ({ name, tls }: HaproxyWay): SenderCell[] => {
  if (name.endsWith('check')) return [check(name)]
  if (name.includes('reuse')) return [twoClients(name, name, '/')]
  const secure = tls === true ? { tls } : {}
  return [
    cell(name, 'IPv4', secure),
    cell(name, 'IPv6', { ...secure, from: '::1' }),
    ...(tls === true ? [cell(name, 'certificate', { tls, certificate: true })] : []),
  ]
}

const EXPECTED: Sends['expected'] = {
  'send-proxy': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
  },
  'send-proxy-v2': {
    IPv4: 'v2 PROXY INET; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6; client=::1',
  },
  'send-proxy-v2-ssl': {
    IPv4: 'v2 PROXY INET, SSL, TLSv1.3; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, SSL, TLSv1.3; client=::1',
    certificate: 'v2 PROXY INET, SSL, TLSv1.3, certificate; client=127.0.0.9',
  },
  'send-proxy-v2-ssl-cn': {
    IPv4: 'v2 PROXY INET, SSL, TLSv1.3; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, SSL, TLSv1.3; client=::1',
    certificate: 'v2 PROXY INET, SSL, TLSv1.3, certificate, CN localhost; client=127.0.0.9',
  },
  'send-proxy-v2 proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key': {
    IPv4: 'v2 PROXY INET, SSL, TLSv1.3, cipher; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, SSL, TLSv1.3, cipher; client=::1',
    certificate: 'v2 PROXY INET, SSL, TLSv1.3, cipher, certificate, CN localhost; client=127.0.0.9',
  },
  'send-proxy-v2 proxy-v2-options crc32c': {
    IPv4: 'v2 PROXY INET, CRC32C; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, CRC32C; client=::1',
  },
  'send-proxy-v2 proxy-v2-options crc32c,unique-id,authority': {
    IPv4: 'v2 PROXY INET, CRC32C+AUTHORITY+UNIQUE_ID; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6, CRC32C+AUTHORITY+UNIQUE_ID; client=::1',
    certificate: 'v2 PROXY INET, CRC32C+AUTHORITY+UNIQUE_ID; client=127.0.0.9',
  },
  'send-proxy, a server on a Unix socket': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
  },
  'send-proxy-v2, http-reuse always': {
    'two clients in a row': 'v2 PROXY INET; client=127.0.0.7 | v2 PROXY INET; client=127.0.0.8',
  },
  'send-proxy, set-src of the other family': {
    IPv4: 'v1 PROXY INET6 to ::ffff:127.0.0.1; client=2001:db8::7',
    IPv6: 'v1 PROXY INET6; client=2001:db8::7',
  },
  'send-proxy, check': {
    'health check': 'v1 PROXY UNSPEC; client=127.0.0.1',
  },
  'send-proxy-v2, set-src of the other family': {
    IPv4: 'v2 PROXY INET6 to ::ffff:127.0.0.1; client=2001:db8::7',
    IPv6: 'v2 PROXY INET6; client=2001:db8::7',
  },
  'send-proxy-v2, check': {
    'health check': 'v2 LOCAL UNSPEC; client=127.0.0.1',
  },
}

const CHECKS_AS_CLIENT = {
  does: 'v1 PROXY INET; client=127.0.0.1',
  avoid: 'a version 1 check names the program as its client: use version 2, whose checks are LOCAL',
}

const SENDING_FAULTS = {
  'send-proxy, check': {
    'health check': CHECKS_AS_CLIENT,
  },
}

/** What HAProxy sends; `more` are ways that only this version has, with what is expected of them. */
export function haproxySends(
  program: string,
  more: readonly HaproxyWay[] = [],
  expected: Sends['expected'] = {},
): Sends {
  const ways = [...WAYS, ...more]
  return {
    cells: ways.flatMap(cellsOf),
    expected: { ...EXPECTED, ...expected },
    faults: SENDING_FAULTS,
    async start(to) {
      const ports: Record<string, number> = {}
      for (const { name } of ways) ports[name] = await freePort()
      const text = ways.map((way) => section(way, ports[way.name] ?? 0, to)).join('\n')
      const last = await freePort()
      const ready = `frontend ready
  mode http
  bind 127.0.0.1:${last}
  http-request return status 204
`
      const started = await startConfigured({
        program,
        files: { 'haproxy.cfg': `${GLOBAL}${text}\n${ready}` },
        args: ['-db', '-f', '$FOLDER/haproxy.cfg'],
        readyPort: last,
        readyAnswers: true,
      })
      return { ...started, ports }
    },
  }
}
