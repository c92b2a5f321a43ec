import { freePort } from '../../peers/harness/ports.js'
import { ask, type ClientOptions, seenAtLast, seenBy, twoClients } from '../harness/client.js'
import { REFUSES_UNKNOWN } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer, SenderCell, Started } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'
import type { Upstreams } from '../harness/upstreams.js'

const cell = (version: 1 | 2, of: string, options: ClientOptions) => ({
  setting: `.proxy_header = ${version}`,
  cell: of,
  ask: ({ ports }: Started, to: Upstreams) =>
    seenBy(to, () => ask(ports['http'] ?? 0, { path: `/v${version}`, ...options })),
})

/** A Varnish of its own: its probes go on as long as it runs. */
const probe = (version: 1 | 2) => ({
  setting: `.proxy_header = ${version}, .probe`,
  cell: 'health check',
  async ask(_: unknown, to: Upstreams) {
    to.takeSeen()
    const port = await freePort()
    const vcl = `backend checked {
  .host = "127.0.0.1"; .port = "${to.http}"; .proxy_header = ${version};
  .probe = { .interval = 100ms; }
}`
    const varnishd = await startVarnish(vcl, `127.0.0.1:${port}`, port)
    const [seen] = await seenAtLast(to)
    await varnishd.stop()
    return String(seen)
  },
})

const CELLS: readonly SenderCell[] = [
  ...([1, 2] as const).flatMap((version) => [
    cell(version, 'IPv4', {}),
    cell(version, 'IPv6', { from: '::1' }),
    cell(version, 'pipe', { path: `/v${version}/pipe` }),
    twoClients(`.proxy_header = ${version}`, 'http', `/v${version}`),
    probe(version),
  ]),
]

const EXPECTED = {
  '.proxy_header = 1': {
    IPv4: 'v1 PROXY INET; client=127.0.0.9',
    IPv6: 'v1 PROXY INET6; client=::1',
    pipe: 'v1 PROXY INET; client=127.0.0.9',
    'two clients in a row': 'v1 PROXY INET; client=127.0.0.7 | v1 PROXY INET; client=127.0.0.8',
  },
  '.proxy_header = 1, .probe': {
    'health check': 'v1 PROXY UNSPEC; client=127.0.0.1',
  },
  '.proxy_header = 2': {
    IPv4: 'v2 PROXY INET; client=127.0.0.9',
    IPv6: 'v2 PROXY INET6; client=::1',
    pipe: 'v2 PROXY INET; client=127.0.0.9',
    'two clients in a row': 'v2 PROXY INET; client=127.0.0.7 | v2 PROXY INET; client=127.0.0.8',
  },
  '.proxy_header = 2, .probe': {
    'health check': 'v2 LOCAL UNSPEC; client=127.0.0.1',
  },
}

const CHECKS_AS_CLIENT = {
  does: 'v1 PROXY INET; client=127.0.0.1',
  avoid: 'a version 1 check names the program as its client: use version 2, whose checks are LOCAL',
}

const SENDING_FAULTS = {
  '.proxy_header = 1, .probe': {
    'health check': CHECKS_AS_CLIENT,
  },
}

export const varnish: InteropPeer = {
  name: 'Varnish',
  programs: ['varnish'],
  version: ['-V'],
  sends: {
    cells: CELLS,
    expected: EXPECTED,
    faults: SENDING_FAULTS,
    async start(to) {
      const ports = { http: await freePort() }
      const vcl = `
backend v1 { .host = "127.0.0.1"; .port = "${to.http}"; .proxy_header = 1; }
backend v2 { .host = "127.0.0.1"; .port = "${to.http}"; .proxy_header = 2; }
sub vcl_recv {
  if (req.url ~ "^/v2") { set req.backend_hint = v2; }
  if (req.url ~ "pipe") { return (pipe); }
  return (pass);
}`
      const where = `127.0.0.1:${ports.http}`
      return { ...(await startVarnish(vcl, where, ports.http, `[::1]:${ports.http}`)), ports }
    },
  },
  receives: {
    shows: 'the page',
    listeners: [{ setting: '-a …,PROXY', port: 'http', faults: { 'v1 UNKNOWN': REFUSES_UNKNOWN } }],
    async start() {
      const ports = { http: await freePort() }
      const varnishd = await startVarnish(
        `backend none none;
sub vcl_recv { return (synth(200)); }
sub vcl_synth { set resp.body = "client=" + client.ip; return (deliver); }`,
        `127.0.0.1:${ports.http},PROXY`,
        ports.http,
      )
      return { ...varnishd, ports, named: namedByPage }
    },
  },
}

const startVarnish = (vcl: string, listen: string, readyPort: number, also = '') =>
  startConfigured({
    program: 'varnish',
    folders: ['work'],
    files: { 'service.vcl': `vcl 4.1;\n${vcl}\n` },
    args: [
      ...['-F', '-j', 'none', '-n', '$FOLDER/work', '-f', '$FOLDER/service.vcl', '-a', listen],
      ...(also === '' ? [] : ['-a', also]),
      ...['-s', 'malloc,10m', '-p', 'thread_pools=1', '-p', 'thread_pool_min=10'],
    ],
    readyPort,
  })
