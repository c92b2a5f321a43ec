import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RangesOptions, rangesFrom } from '@truehop/identity'
import { afterAll, describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { fastifySite, stopAfterEach, stopLater } from './site.js'

stopAfterEach()

const CLIENT = '198.51.100.7'
const FORGED = '203.0.113.99'
const folder = mkdtempSync(join(tmpdir(), 'truehop-field-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Seen {
  readonly status: number
  readonly client?: string
  readonly protocol?: string
  readonly host?: string
  readonly rule?: string
}

/** What a service with one rule sees of a request with these headers. */
async function seen(rule: object, headers: Readonly<Record<string, string>>): Promise<Seen> {
  const hop = { from: ['127.0.0.1'], asserts: 'x-forwarded-for', ...rule }
  const site = await fastifySite(
    (app) =>
      app.get('/who', async ({ clientIp: client, protocol, host, clientIdentity }) => {
        return { client, protocol, host, rule: clientIdentity.rule }
      }),
    { hops: [hop] },
  )
  const { status, body } = await site.ask({
    path: '/who',
    headers: { host: 'a.example', ...headers },
  })
  return status === 200 ? { status, ...JSON.parse(body) } : { status }
}

const XFF = { 'x-forwarded-for': CLIENT }
const PARTS = {
  ...XFF,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'b.example',
  'x-forwarded-port': '8443',
}

const sees = (
  option: string,
  value: string,
  rule: object,
  headers: Readonly<Record<string, string>>,
  expected: Seen,
): OptionCase<void> => ({
  option,
  value,
  sees: async () => {
    expect(await seen(rule, headers)).toMatchObject(expected)
  },
})

const client = (ip: string) => ({ status: 200, client: ip })

/** Headers of one address, as vendors name them. */
const SINGLE = [
  'x-real-ip',
  'x-client-ip',
  'client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-iisnode-remote_addr',
  'x-nf-client-connection-ip',
  'x-vercel-forwarded-for',
  'x-original-forwarded-for',
  'l5d-remote-ip',
  '!~passenger-client-address',
]

const RULES: readonly OptionCase<void>[] = [
  sees('from', 'a prefix', { from: ['127.0.0.0/8'] }, XFF, client(CLIENT)),
  sees('from', 'an address', { from: ['127.0.0.1'] }, XFF, client(CLIENT)),
  sees('from', 'another address', { from: ['127.0.0.2'] }, XFF, client('127.0.0.1')),
  sees('from', 'loopback', { from: ['loopback'] }, XFF, client(CLIENT)),
  sees('from', 'any', { from: ['any'], depth: 1 }, XFF, client(CLIENT)),
  ...['linklocal', 'private', 'uniquelocal', 'cgnat', 'unix', 'event'].map((name) =>
    sees('from', name, { from: [name] }, XFF, client('127.0.0.1')),
  ),
  sees('asserts', 'x-forwarded-for', {}, XFF, client(CLIENT)),
  sees(
    'asserts',
    'forwarded',
    { asserts: 'forwarded' },
    { forwarded: `for=${CLIENT}` },
    client(CLIENT),
  ),
  ...SINGLE.map((asserts) =>
    sees('asserts', asserts, { asserts }, { [asserts]: CLIENT }, client(CLIENT)),
  ),
  sees(
    'asserts',
    'cloudfront-viewer-address',
    { asserts: 'cloudfront-viewer-address' },
    { 'cloudfront-viewer-address': `${CLIENT}:443` },
    client(CLIENT),
  ),
  sees('asserts', 'nothing', { asserts: 'nothing' }, XFF, { status: 400 }),
  sees('name', 'hop-1', {}, XFF, { status: 200, rule: 'hop-1' }),
  sees('name', '1', { name: 'a' }, XFF, { status: 200, rule: 'a' }),
  sees('name', '64', { name: 'a'.repeat(64) }, XFF, { status: 200, rule: 'a'.repeat(64) }),
  sees('depth', '1', { depth: 1 }, { 'x-forwarded-for': `${FORGED}, ${CLIENT}` }, client(CLIENT)),
  sees('depth', '2', { depth: 2 }, { 'x-forwarded-for': `${CLIENT}, x` }, client(CLIENT)),
  sees('depth', 'more than there are', { depth: 2 }, XFF, { status: 400 }),
  sees('required', 'false', { required: false }, { 'x-forwarded-for': '' }, client('127.0.0.1')),
  sees('required', 'true', { required: true }, { 'x-forwarded-for': '' }, { status: 400 }),
  sees('original', 'proto', {}, PARTS, { status: 200, protocol: 'https', host: 'a.example' }),
  sees('original', 'none', { original: [] }, PARTS, {
    status: 200,
    protocol: 'http',
    host: 'a.example',
  }),
  sees('original', 'host', { original: ['host'] }, PARTS, {
    status: 200,
    protocol: 'http',
    host: 'b.example',
  }),
  sees('original', 'port', { original: ['port'] }, PARTS, {
    status: 200,
    protocol: 'http',
    host: 'a.example:8443',
  }),
  sees(
    'form',
    'address',
    { asserts: 'x-real-ip', form: 'address' },
    { 'x-real-ip': '2001:db8::7' },
    client('2001:db8::7'),
  ),
  sees(
    'form',
    'address:port',
    { asserts: 'x-seen-by-us', custom: true, form: 'address:port' },
    { 'x-seen-by-us': '2001:db8::7:443' },
    client('2001:db8::7'),
  ),
  sees(
    'custom',
    'true',
    { asserts: 'x-seen-by-us', custom: true },
    { 'x-seen-by-us': CLIENT },
    client(CLIENT),
  ),
  {
    option: 'custom',
    value: 'false',
    sees: async () => {
      await expect(seen({ asserts: 'x-seen-by-us' }, {})).rejects.toThrow('custom: true')
    },
  },
]

describe('a request under a rule with', () => {
  test.each(RULES)('$option: $value', ({ sees: run }) => run())
  // What the table says beside the values.
  const others = ['name: hop-2', 'original: proxy-protocol']
  expectComplete(documentedOptions('policy', '## Rules', true), RULES, others)

  test.each(['ignore', 'reject'] as const)('onConflict: %s', async (onConflict) => {
    const hops = [{ from: ['127.0.0.1'], asserts: 'x-forwarded-for' }]
    const site = await fastifySite(() => {}, { hops, onConflict })
    const { status } = await site.ask({ headers: { forwarded: `for=${FORGED}` } })
    expect(status).toBe(onConflict === 'reject' ? 400 : 200)
  })

  test.each([1, 64])('maxHops: %i', async (maxHops) => {
    const hops = [{ from: ['127.0.0.1', '10.0.0.0/8'], asserts: 'x-forwarded-for' }]
    const site = await fastifySite(() => {}, { hops, maxHops })
    const list = (count: number) => Array(count).fill('10.0.0.1').join(', ')
    const status = async (count: number) => (await site.ask({ as: list(count) })).status
    expect([await status(maxHops), await status(maxHops + 1)]).toEqual([200, 400])
  })

  test('unmap', async () => {
    const options = { trust: ['127.0.0.1'], header: 'x-forwarded-for', unmap: ['64:ff9b::/96'] }
    const site = await fastifySite((app) => app.get('/who', async (r) => r.clientIp), options)
    expect((await site.ask({ path: '/who', as: '64:ff9b::c633:6407' })).body).toBe('198.51.100.7')
  })
})

/** One list in every format: the hop's own network, and one of IPv6. */
const FORMATS: Readonly<Record<string, readonly [content: unknown, select?: object]>> = {
  lines: ['# ours\n127.0.0.0/8 ; the hop\n2001:db8::/32\n'],
  'aws-ip-ranges': [
    {
      prefixes: [awsPrefix('ip_prefix', '127.0.0.0/8')],
      ipv6_prefixes: [awsPrefix('ipv6_prefix', '2001:db8::/32')],
    },
    { service: ['S'] },
  ],
  cloudflare: [{ result: { ipv4_cidrs: ['127.0.0.0/8'], ipv6_cidrs: ['2001:db8::/32'] } }],
  fastly: [{ addresses: ['127.0.0.0/8'], ipv6_addresses: ['2001:db8::/32'] }],
  google: [{ prefixes: [{ ipv4Prefix: '127.0.0.0/8' }, { ipv6Prefix: '2001:db8::/32' }] }],
  github: [{ hooks: ['127.0.0.0/8', '2001:db8::/32'], web: ['192.0.2.0/24'] }, { list: ['hooks'] }],
  'spamhaus-drop': [
    '{"cidr":"127.0.0.0/8"}\n{"cidr":"2001:db8::/32"}\n{"type":"metadata","timestamp":1}\n',
  ],
  'azure-service-tags': [
    { values: [{ name: 'S', properties: { addressPrefixes: ['127.0.0.0/8'] } }] },
    { name: ['S'] },
  ],
  oracle: [{ regions: [{ region: 'r', cidrs: [{ cidr: '127.0.0.0/8' }] }] }, { region: ['r'] }],
  bunny: [['127.0.0.1', '192.0.2.1']],
  akamai: ['127.0.0.0/8\n2001:db8::/32\n'],
  json: [['127.0.0.0/8']],
}

function awsPrefix(name: string, prefix: string): object {
  return { [name]: prefix, region: 'r', service: 'S', network_border_group: 'r' }
}

const OURS = '127.0.0.0/8\n'
const THEIRS = '192.0.2.0/24\n'
let files = 0

function fileOf(content: unknown): string {
  const path = join(folder, `list-${files++}`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** A service that trusts whoever is in the list, as soon as the list is in or was refused. */
async function following(
  options: object,
): Promise<{ ranges: ReturnType<typeof rangesFrom>; client: () => Promise<string> }> {
  const ranges = rangesFrom({ format: 'lines', file: '', ...options } as RangesOptions)
  stopLater(async () => ranges.close())
  await ranges.ready.catch(() => {})
  const site = await fastifySite((app) => app.get('/who', async ({ clientIp }) => clientIp), {
    hops: [{ from: [ranges], asserts: 'x-forwarded-for' }],
  })
  return { ranges, client: async () => (await site.ask({ path: '/who' })).body }
}

/** Whether the hop is trusted with a list, and with another that takes its place. */
const follows = (
  option: string,
  value: string,
  options: () => object,
  trusted: boolean,
): OptionCase<void> => ({
  option,
  value,
  sees: async () => {
    const { client: who } = await following(options())
    expect(await who()).toBe(trusted ? CLIENT : '127.0.0.1')
  },
})

/** A list that shrinks from 100 prefixes to so many: whether the service goes on with the old one. */
const shrinks = (value: string, left: number, kept: boolean): OptionCase<void> => ({
  option: 'maximumShrink',
  value,
  sees: async () => {
    const line = (i: number) => `10.${i}.0.0/16`
    const others = Array.from({ length: 99 }, (_, i) => line(i))
    const file = fileOf(`${OURS}${others.join('\n')}`)
    const { ranges, client: who } = await following({ file, maximumShrink: Number(value) })
    writeFileSync(file, others.slice(0, left).join('\n'))
    await ranges.refresh().catch(() => {})
    expect(await who()).toBe(kept ? CLIENT : '127.0.0.1')
  },
})

const RANGES: readonly OptionCase<void>[] = [
  follows('file', 'a file', () => ({ file: fileOf(OURS) }), true),
  follows('file', 'another list', () => ({ file: fileOf(THEIRS) }), false),
  {
    option: 'url',
    value: 'http: on a loopback address',
    sees: async () => {
      const server = createServer((_request, response) => void response.end(OURS))
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
      stopLater(async () => void server.close())
      const { port } = server.address() as AddressInfo
      const url = `http://127.0.0.1:${port}/list`
      const { client: who } = await following({ file: undefined, url })
      expect(await who()).toBe(CLIENT)
    },
  },
  {
    option: 'name',
    value: 'text',
    sees: async () => {
      const { ranges } = await following({ file: fileOf(OURS), name: 'edge' })
      expect(ranges.status().name).toBe('edge')
    },
  },
  ...Object.entries(FORMATS).map(([format, [content, select]]) =>
    follows('format', format, () => ({ file: fileOf(content), format, select }), true),
  ),
  follows(
    'select',
    'others',
    () => ({ file: fileOf(FORMATS['github']?.[0]), format: 'github', select: { list: ['web'] } }),
    false,
  ),
  {
    option: 'refresh',
    value: '1',
    sees: async () => {
      const file = fileOf(OURS)
      const { client: who } = await following({ file, refresh: 1 })
      writeFileSync(file, `${THEIRS}192.0.3.0/24\n`)
      for (let i = 0; i < 100 && (await who()) === CLIENT; i++) await sleep(100)
      expect(await who()).toBe('127.0.0.1')
    },
  },
  {
    option: 'refresh',
    value: '604800',
    sees: async () => {
      const file = fileOf(OURS)
      const { client: who } = await following({ file, refresh: 604_800 })
      writeFileSync(file, `${THEIRS}192.0.3.0/24\n`)
      await sleep(1500)
      expect(await who()).toBe(CLIENT)
    },
  },
  follows('minimum', '1', () => ({ file: fileOf(OURS), minimum: 1 }), true),
  follows('minimum', '2', () => ({ file: fileOf(OURS), minimum: 2 }), false),
  follows('minimum', '2000000', () => ({ file: fileOf(OURS), minimum: 2_000_000 }), false),
  shrinks('0', 99, true),
  shrinks('0.5', 60, false),
  shrinks('0.5', 40, true),
  shrinks('1', 1, false),
  follows('widest', 'the default', () => ({ file: fileOf('126.0.0.0/7\n') }), false),
  follows(
    'widest',
    '{ ipv4: 7 }',
    () => ({ file: fileOf('126.0.0.0/7\n'), widest: { ipv4: 7 } }),
    true,
  ),
  ...[
    ['ipv4', '1', '0.0.0.0/1', true],
    ['ipv4', '32', '127.0.0.0/31', false],
    ['ipv6', '1', '127.0.0.0/8\n8000::/1', true],
    ['ipv6', '128', '127.0.0.0/8\n2001:db8::/127', false],
  ].map(([family, bits, list, isIn]) =>
    follows(
      `widest.${family}`,
      String(bits),
      () => ({ file: fileOf(`${list}\n`), widest: { [String(family)]: Number(bits) } }),
      isIn === true,
    ),
  ),
  {
    option: 'staleAfter',
    value: '315360000',
    sees: async () => {
      const { ranges } = await following({ file: fileOf(OURS), staleAfter: 315_360_000 })
      expect(ranges.status().stale).toBe(false)
    },
  },
  {
    option: 'staleAfter',
    value: '1',
    sees: async () => {
      const { ranges } = await following({ file: fileOf(OURS), staleAfter: 1, refresh: 600 })
      expect(ranges.status().stale).toBe(false)
      await sleep(1200)
      expect(ranges.status().stale).toBe(true)
    },
  },
  {
    option: 'keep',
    value: 'a file',
    sees: async () => {
      const keep = join(folder, `kept-${files++}`)
      const { ranges } = await following({ file: fileOf(OURS), keep })
      ranges.close()
      const { client: who } = await following({ file: join(folder, 'gone'), keep })
      expect(await who()).toBe(CLIENT)
    },
  },
  follows(
    'initial',
    'ranges',
    () => ({
      file: join(folder, 'gone'),
      initial: { entries: ['127.0.0.0/8'], date: '2026-01-01' },
    }),
    true,
  ),
]

describe('a request under a rule for live ranges with', () => {
  test.each(RANGES)('$option: $value', ({ sees: run }) => run())
  // Bounds of the default, and words that are no values.
  expectComplete(documentedOptions('policy', '## Ranges that change', true), RANGES, [
    'file: url',
    'url: https:',
    'url: http:',
    'url: file',
    'select: github',
    'initial: providers',
  ])
})

/** What the schema of policy files enumerates, by option. */
function enumerated(schema: unknown, name = ''): [option: string, values: readonly string[]][] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]): [string, readonly string[]][] => {
    if (key === 'enum') return [[name, value]]
    const isOption = !/^(\$defs|properties|items|anyOf|if|then|else|not|oneOf|\d+)$/.test(key)
    return enumerated(value, isOption ? key : name)
  })
}

describe('what the schema of policy files enumerates', () => {
  const schema: unknown = JSON.parse(
    readFileSync(new URL('../../../packages/identity/policy.schema.json', import.meta.url), 'utf8'),
  )
  /** Where else a suite asks something of each: connections, platforms, conflicts above. */
  const elsewhere = new Set([
    'direct',
    'crc32c',
    'versions',
    'mixedFamilies',
    'healthCheckFrom',
    'platform',
    'platformId',
    'onConflict',
    // Names of options, and no values of one.
    'propertyNames',
  ])
  const known = new Set([...RULES, ...RANGES].map(({ option, value }) => `${option}: ${value}`))

  test('is asked for above, value by value', () => {
    const all = enumerated(schema)
      // The shorthand's name for what a rule asserts.
      .map(([option, values]) => [option === 'header' ? 'asserts' : option, values] as const)
      .filter(([option]) => !elsewhere.has(option))
    expect(new Set(all.map(([option]) => option))).toEqual(
      new Set(['form', 'original', 'from', 'asserts', 'format']),
    )
    const missing = all.flatMap(([option, values]) =>
      values.map((value) => `${option}: ${value}`).filter((each) => !known.has(each)),
    )
    expect([...new Set(missing)]).toEqual(['asserts: proxy-protocol'])
  })
})
