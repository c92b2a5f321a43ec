import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { type Platform, platforms } from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { makeProgram } from '../../../packages/cli/src/program/program.js'
import { truehop } from '../../../packages/cli/test/command-line.js'
import { start } from '../../../packages/cli/test/running.js'
import { askAt, stopAfterEach, stopLater } from './site.js'

stopAfterEach()

const folder = mkdtempSync(join(tmpdir(), 'truehop-choices-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: object): string {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(content))
  return path
}

const CLIENT = '198.51.100.7'
const PEER = '10.0.0.5'
const LISTS = write('lists.json', { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
const PROXY = write('proxy.json', { hops: [{ from: [PEER], asserts: 'proxy-protocol' }] })

/** One value of a flag or argument that takes one of several, and what a run with it does. */
interface Choice {
  /** The command and the flag or argument. */
  readonly of: string
  readonly value: string
  readonly does: () => Promise<void>
}

const choices = (
  of: string,
  values: readonly string[],
  does: (value: string) => Promise<void>,
): readonly Choice[] => values.map((value) => ({ of, value, does: () => does(value) }))

/** What the documentation of each shell calls the registration of a completion. */
const REGISTERS = new Map([
  ['bash', 'complete -o'],
  ['zsh', '#compdef truehop'],
  ['fish', 'complete -c truehop'],
])

const COMPLETION = choices('completion shell', [...REGISTERS.keys()], async (shell) => {
  const { code, out } = await truehop(['completion', shell])
  expect([code, out]).toEqual([0, expect.stringContaining(REGISTERS.get(shell) ?? '')])
})

const SEVERITIES = ['info', 'warning', 'error']
/** A file whose worst finding is of that severity. */
const WORST = new Map([
  ['info', LISTS],
  ['warning', write('warning.json', { trust: ['10.0.0.1/8'], header: 'x-forwarded-for' })],
  ['error', write('error.json', { trust: ['10.0.0.0/33'], header: 'x-forwarded-for' })],
])

const LINT = [
  ...choices('lint --severity', SEVERITIES, async (least) => {
    const { out } = await truehop(['lint', '--json', '--severity', least, ...WORST.values()])
    const { findings }: { findings: { severity: string }[] } = JSON.parse(out)
    const shown = new Set(findings.map(({ severity }) => severity))
    expect(shown).toEqual(new Set(SEVERITIES.slice(SEVERITIES.indexOf(least))))
  }),
  ...choices('lint --fail-on', SEVERITIES, async (least) => {
    for (const [at, worst] of SEVERITIES.entries()) {
      const { code } = await truehop(['lint', '--fail-on', least, WORST.get(worst) ?? ''])
      expect([worst, code]).toEqual([worst, at >= SEVERITIES.indexOf(least) ? 1 : 0])
    }
  }),
]

const JSON_LINE = `{"peer":"${PEER}","headers":{"x-forwarded-for":"${CLIENT}"}}`
const AT = '[10/Oct/2025:13:55:36 +0000]'
/** A request of `CLIENT` in each format, as whoever writes it documents it. */
const RECORDS = new Map([
  ['auto', JSON_LINE],
  ['jsonl', JSON_LINE],
  ['ecs', `{"source":{"ip":"${PEER}"},"truehop":{"headers":{"x-forwarded-for":["${CLIENT}"]}}}`],
  ['nginx', `${PEER} - - ${AT} "GET / HTTP/1.1" 200 23 "-" "curl/8.5.0" "${CLIENT}"`],
  ['combined', `${CLIENT} - - ${AT} "GET / HTTP/1.1" 200 23 "-" "curl/8.5.0"`],
  [
    'haproxy',
    `${CLIENT}:33317 [06/Feb/2025:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"`,
  ],
  [
    'alb',
    `http 2025-07-02T22:23:00.186641Z app/lb/50dc6c495c0c9188 ${CLIENT}:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://a.example:80/ HTTP/1.1" "curl/7.46.0" - -`,
  ],
  ['http', `GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: ${CLIENT}\r\n\r\n`],
  [
    'har',
    `{"log":{"entries":[{"request":{"headers":[{"name":"X-Forwarded-For","value":"${CLIENT}"}]}}]}}`,
  ],
])

const FORMATS = [
  ...choices('explain --format', [...RECORDS.keys()], async (format) => {
    const args = ['explain', '--policy', LISTS, '--peer', PEER, '--json', '--format', format, '-']
    const { code, out } = await truehop(args, { stdin: RECORDS.get(format) ?? '' })
    expect([code, JSON.parse(out).identity.ip]).toEqual([0, CLIENT])
    expect((await truehop(args, { stdin: 'nonsense {\n' })).code).toBeGreaterThan(0)
  }),
  ...choices('suggest --format', [...RECORDS.keys()], async (format) => {
    const args = ['suggest', '--peer', PEER, '--json', '--format', format, '-']
    const { out } = await truehop(args, { stdin: RECORDS.get(format) ?? '' })
    expect(JSON.parse(out)).toMatchObject({ requests: 1, unreadable: 0 })
    expect((await truehop(args, { stdin: 'nonsense {\n' })).code).toBeGreaterThan(0)
  }),
]

const IDS = platforms.map(({ id }) => id)

/** Runs the service, and is not in front of it: there is nothing to trust. */
const NO_HOP = 'pm2'
const HOPS = IDS.filter((id) => id !== NO_HOP)

async function initialized(args: readonly string[]): Promise<readonly [policy: object, string]> {
  const into = mkdtempSync(join(folder, 'init-'))
  expect(await truehop(['init', ...args, into])).toMatchObject({ code: 0, err: '' })
  const read = (name: string) => readFileSync(join(into, name), 'utf8')
  return [JSON.parse(read('truehop.policy.json')), read('server.mjs')]
}

const INIT = [
  ...choices('init --platform', HOPS, async (id) => {
    const named = ['--platform', id, '--framework', 'express', '--from', PEER]
    expect((await initialized(named))[0]).toMatchObject({ platform: id, from: [PEER] })
  }),
  ...choices('init --platform', [NO_HOP], async (id) => {
    const args = ['--platform', id, '--framework', 'express']
    expect((await initialized(args))[0]).toMatchObject({ platform: id })
  }),
  ...choices('init --platform', ['none'], async (none) => {
    const args = ['--platform', none, '--framework', 'express']
    expect((await initialized(args))[0]).toMatchObject({ hops: [] })
  }),
  ...choices('init --framework', ['fastify', 'express'], async (framework) => {
    const [, program] = await initialized(['--platform', 'none', '--framework', framework])
    expect(program).toContain(`from '${framework}'`)
  }),
]

/** A record of a request from a platform, in the header that it writes. */
function recordFrom({ rules }: Platform): string {
  const [rule] = Object.values(rules)[0] ?? []
  const { asserts = '', depth = 1 } = rule ?? {}
  if (asserts === 'proxy-protocol') {
    return JSON.stringify({ peer: PEER, proxy: [`PROXY TCP4 ${CLIENT} 10.0.0.1 4711 443`] })
  }
  // What stands behind the client's entry, where the platform's own addresses follow.
  const entries = [CLIENT, ...Array.from({ length: depth - 1 }, () => '192.0.2.1')]
  return JSON.stringify({ peer: PEER, headers: { [asserts]: entries.join(', ') } })
}

/** Behind Docker's gateways the client is lost, and no header brings it back. */
const LOST = 'docker'

const SUGGEST = [
  ...choices(
    'suggest --platform',
    HOPS.filter((id) => id !== LOST),
    async (id) => {
      const [platform] = platforms.filter((one) => one.id === id)
      const stdin = `${platform === undefined ? '' : recordFrom(platform)}\n`
      const args = ['suggest', '--json', '--format', 'jsonl', '--platform', id, '-']
      const { code, out } = await truehop(args, { stdin })
      const proposed = { outcome: 'proposed', policy: { hops: [{ platform: id }] } }
      expect([code, JSON.parse(out)]).toMatchObject([0, proposed])
    },
  ),
  ...choices('suggest --platform', [NO_HOP], async (id) => {
    const stdin = `${JSON.stringify({ peer: CLIENT, headers: {} })}\n`
    const args = ['suggest', '--json', '--format', 'jsonl', '--platform', id, '-']
    const { out } = await truehop(args, { stdin })
    // It expands to no rule.
    expect(JSON.parse(out).policy).toEqual({ hops: [] })
  }),
  ...choices('suggest --platform', [LOST], async (id) => {
    const stdin = '{"peer":"172.17.0.1","headers":{}}\n'
    const args = ['suggest', '--json', '--format', 'jsonl', '--platform', id, '-']
    const { out } = await truehop(args, { stdin })
    expect(JSON.parse(out).policy).toEqual({ hops: [{ platform: id }] })
  }),
]

/** The directive by which each sends the client, from its own documentation. */
const DIRECTIVES = new Map<string, readonly [policy: string, directive: string]>([
  ['haproxy', [LISTS, 'option forwardfor']],
  ['nginx', [LISTS, 'proxy_set_header X-Forwarded-For']],
  ['caddy', [LISTS, 'reverse_proxy']],
  ['traefik', [LISTS, 'forwardedHeaders:']],
  ['varnish', [LISTS, 'req.http.X-Forwarded-For']],
  ['hitch', [PROXY, 'write-proxy-v2 = on']],
  ['stunnel', [PROXY, 'protocol = proxy']],
  ['apache', [LISTS, 'RequestHeader append X-Forwarded-For']],
  ['envoy', [LISTS, 'use_remote_address: true']],
  ['envoy-gateway', [LISTS, 'kind: ClientTrafficPolicy']],
  ['kgateway', [LISTS, 'useRemoteAddress: true']],
  ['ingress-nginx', [LISTS, 'use-forwarded-headers: "true"']],
  ['aws', [LISTS, 'routing.http.xff_header_processing.mode,Value=append']],
  ['loxilb', [PROXY, 'loxilb.io/useproxyprotov2: "yes"']],
])

const PAIR = choices('pair --target', [...DIRECTIVES.keys()], async (target) => {
  const [policy = '', directive = ''] = DIRECTIVES.get(target) ?? []
  const { code, out } = await truehop(['pair', '--policy', policy, '--target', target])
  expect([code, out]).toEqual([0, expect.stringContaining(directive)])
})

/** The version of the PROXY header that came with a request; 0 where none did. */
async function versionTaker(optional: boolean): Promise<number> {
  const server = createServer((request, response) => {
    response.end(String(proxyEvidence(request).headers[0]?.version ?? 0))
  })
  acceptProxyProtocol(server, { from: ['loopback'], optional })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stopLater(async () => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

const SENT = new Map([
  ['v1', '1'],
  ['v2', '2'],
  ['none', '0'],
])

const RELAY = choices('relay --send', [...SENT.keys()], async (send) => {
  const to = `127.0.0.1:${await versionTaker(send === 'none')}`
  const relay = await start('relay', '--listen', '0', '--to', to, '--send', send)
  expect((await askAt(relay.port, {})).body).toBe(SENT.get(send))
  await relay.end()
})

/** Milliseconds: tokens depend on the time of a record. */
const MASKED_AT = Date.UTC(2026, 0, 5)

const MASKED = new Map([
  ['truncated', '"198.51.100.0"'],
  ['hmac', '"hmac-'],
  ['none', '{}'],
])

const MASK = choices('mask --address', [...MASKED.keys()], async (address) => {
  const log = write(`${address}.log`, { time: MASKED_AT, ip: CLIENT })
  const key = address === 'hmac' ? ['--key-file', write('key.json', { of: 'sixteen bytes' })] : []
  const { code, out } = await truehop(['mask', '--address', address, ...key, log])
  expect([code, out.replace(`"time":${MASKED_AT}`, '').replace('{,', '{')]).toEqual([
    0,
    expect.stringContaining(MASKED.get(address) ?? ''),
  ])
})

const CHOICES = [
  ...MASK,
  ...COMPLETION,
  ...LINT,
  ...FORMATS,
  ...INIT,
  ...SUGGEST,
  ...PAIR,
  ...RELAY,
]

/** What the definitions of all commands enumerate. */
function enumerated(): readonly string[] {
  const terminal = {
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    environment: {},
    signal: new AbortController().signal,
  }
  const all = [makeProgram({ terminal, end: () => {} })]
  // Commands are added while they are walked: those of `audit` stand below it.
  for (const command of all) all.push(...command.commands)
  return all.flatMap((command) => [
    ...command.options.flatMap(({ long, argChoices = [] }) =>
      argChoices.map((value) => `${command.name()} ${long}: ${value}`),
    ),
    ...command.registeredArguments.flatMap((argument) =>
      (argument.argChoices ?? []).map((value) => `${command.name()} ${argument.name()}: ${value}`),
    ),
  ])
}

describe('the command line with', () => {
  test.each(CHOICES)('$of: $value', ({ does }) => does())

  test('every value that a definition enumerates is among these, and no other', () => {
    const used = CHOICES.map(({ of, value }) => `${of}: ${value}`)
    expect(used.toSorted()).toEqual(enumerated().toSorted())
  })

  test.each([...new Set(CHOICES.map(({ of }) => of))])(
    '%s: another value is refused',
    async (of) => {
      const { code, err } = await truehop([...of.replace(/ shell$/, '').split(' '), 'another'])
      expect([code, err]).toEqual([2, expect.stringContaining('another')])
    },
  )
})
