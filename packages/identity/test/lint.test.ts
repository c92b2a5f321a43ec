import { describe, expect, test } from 'vitest'
import { type RangesOptions, rangesFrom } from '../src/index.js'
import {
  definePolicy,
  type LiveRanges,
  lint,
  type PolicyOptions,
  providers,
} from '../src/portable.js'

const XFF = { asserts: 'x-forwarded-for', required: true }
const CF = { asserts: 'cf-connecting-ip', required: true }
const PROXY = { asserts: 'proxy-protocol', required: true }

function live(stale: boolean, size = 1): LiveRanges {
  const state = { size, version: undefined, stale, lastError: undefined }
  const updatedAt = size === 0 ? 0 : Date.UTC(2024, 4, 1)
  const status = () => ({ name: 'edge', updatedAt, ...state })
  return { name: 'edge', has: () => false, status }
}

function findings(options: PolicyOptions): string[] {
  return lint(definePolicy(options)).map((f) => `${f.severity} ${f.code} at ${f.path}`)
}

/** Nothing is fetched before the test has ended. */
function fromCloud(options: Partial<RangesOptions>): string[] {
  const cloud = rangesFrom({ name: 'cloud', file: '/nowhere/ranges.json', ...CLOUD, ...options })
  const found = findings({ hops: [{ ...XFF, from: [cloud] }] })
  cloud.close()
  return found.filter((finding) => finding.includes('whole-provider'))
}

const CLOUD = { format: 'aws-ip-ranges' } as const

describe('ranges of a cloud', () => {
  test.each<[string, Partial<RangesOptions>, number]>([
    ['whole', {}, 1],
    ['whole, of another cloud', { format: 'azure-service-tags' }, 1],
    ['with a service selected', { select: { service: ['CLOUDFRONT_ORIGIN_FACING'] } }, 0],
    ['of a format in which nothing can be selected', { format: 'cloudflare' }, 0],
  ])('%s', (_name, options, count) => {
    const expected = Array.from({ length: count }, () => 'warning whole-provider at hops[0].from')
    expect(fromCloud(options)).toEqual(expected)
  })
})

describe('lint', () => {
  test.each<[string, PolicyOptions, string[]]>([
    ['a narrow policy', { hops: [{ ...XFF, from: ['10.0.0.0/8', 'unix'] }] }, []],
    ['any peer', { hops: [{ ...XFF, from: ['any'] }] }, ['error trusts-everyone at hops[0].from']],
    [
      'any peer, spelt out',
      { hops: [{ ...XFF, from: ['10.0.0.1', '::/0'] }] },
      ['error trusts-everyone at hops[0].from'],
    ],
    [
      'every IPv4 address in two halves',
      { hops: [{ ...XFF, from: ['0.0.0.0/1', '128.0.0.0/1'] }] },
      ['error trusts-everyone at hops[0].from'],
    ],
    [
      'every IPv6 host',
      { hops: [{ ...XFF, from: ['10.0.0.0/8', '2000::/3'] }] },
      ['error trusts-everyone at hops[0].from'],
    ],
    [
      'every IPv4 address in two rules, each with a half',
      {
        hops: [
          { ...XFF, name: 'a', from: ['0.0.0.0/1'] },
          { ...XFF, name: 'b', from: ['128.0.0.0/1'] },
        ],
      },
      [
        'warning trusts-public-space at hops[0].from',
        'error trusts-everyone at hops[1].from',
        'warning trusts-public-space at hops[1].from',
      ],
    ],
    [
      'two halves of which one asserts nothing',
      {
        hops: [
          { ...XFF, name: 'a', from: ['0.0.0.0/1'] },
          { name: 'b', from: ['128.0.0.0/1'], asserts: 'nothing', required: true },
        ],
      },
      [
        'warning trusts-public-space at hops[0].from',
        'warning trusts-public-space at hops[1].from',
      ],
    ],
    [
      'one half of the addresses',
      { hops: [{ ...XFF, from: ['0.0.0.0/1'] }] },
      ['warning trusts-public-space at hops[0].from'],
    ],
    [
      'depth that two halves of the addresses can meet',
      { hops: [{ ...XFF, from: ['0.0.0.0/1', '128.0.0.0/1'], depth: 2 }] },
      ['warning depth-direct-hit at hops[0].depth'],
    ],
    [
      'much of the Internet',
      { hops: [{ ...XFF, from: ['64.0.0.0/4'] }] },
      ['warning trusts-public-space at hops[0].from'],
    ],
    [
      'space that nobody on the Internet has an address in, as an address written for IPv6 clients',
      { hops: [{ ...XFF, from: ['240.0.0.0/4'] }] },
      [],
    ],
    ['ranges as CDNs have them', { hops: [{ ...XFF, from: ['104.16.0.0/13', '2400::/32'] }] }, []],
    [
      'depth that anybody can meet',
      { hops: [{ ...XFF, from: ['any'], depth: 2 }] },
      ['warning depth-direct-hit at hops[0].depth'],
    ],
    ['depth behind named proxies', { hops: [{ ...XFF, from: ['10.0.0.0/8'], depth: 2 }] }, []],
    ['nobody', { hops: [{ ...XFF, from: [] }] }, ['warning empty-from at hops[0].from']],
    [
      'a rule behind a wider one',
      {
        hops: [
          { ...XFF, from: ['10.0.0.0/8'] },
          { ...XFF, from: ['10.1.0.0/16'], depth: 2 },
        ],
      },
      ['warning shadowed-rule at hops[1].from'],
    ],
    [
      'a rule before a wider one',
      {
        hops: [
          { ...XFF, from: ['10.1.0.0/16'] },
          { ...XFF, from: ['10.0.0.0/8'] },
        ],
      },
      [],
    ],
    [
      'two kinds of evidence from one hop',
      {
        hops: [
          { ...CF, from: ['10.0.0.0/8'] },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
      },
      ['info overlapping-rules at hops[1].from'],
    ],
    [
      'a header that counts where the PROXY header is left out',
      {
        hops: [
          { ...PROXY, from: ['10.0.0.0/8'] },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
        proxyProtocol: { optional: true },
      },
      ['info overlapping-rules at hops[1].from', 'warning header-without-proxy at hops[1].from'],
    ],
    [
      'a header that may be missing',
      { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' },
      ['info not-required at hops[0].required'],
    ],
    [
      "a CDN's header",
      { hops: [{ ...CF, from: ['173.245.48.0/20'] }] },
      ['info shared-cdn-header at hops[0].asserts'],
    ],
    ["a CDN's header set by one's own proxy", { hops: [{ ...CF, from: ['10.0.0.0/8'] }] }, []],
    [
      'stale live ranges',
      { hops: [{ ...XFF, from: [live(true)] }] },
      ['warning stale-ranges at hops[0].from'],
    ],
    ['fresh live ranges', { hops: [{ ...XFF, from: [live(false)] }] }, []],
    [
      'host bits',
      { hops: [{ ...XFF, from: ['10.0.0.1/8'] }] },
      ['warning host-bits at hops[0].from[0]'],
    ],
  ])('%s', (_, options, expected) => {
    expect(findings(options)).toEqual(expected)
  })

  const cloudflare = providers.cloudflare.entries
  const onDay = (day: string) => (from: readonly string[]) =>
    lint(definePolicy({ hops: [{ ...XFF, from }] }), Date.parse(day)).map(({ code }) => code)

  test('warns of a snapshot that is over 180 days old', () => {
    expect(onDay('2026-09-01')(cloudflare)).toEqual([])
    expect(onDay('2027-09-01')(cloudflare)).toEqual(['old-snapshot'])
  })

  test('warns where the IPv6 half of a provider is missing', () => {
    const ipv4 = cloudflare.filter((entry) => entry.includes('.'))
    expect(onDay('2026-09-01')(ipv4)).toEqual(['ipv4-only'])
  })

  test('says nothing on the last day of a snapshot that is not old yet', () => {
    const date = Date.parse(providers.cloudflare.date)
    const codes = (days: number) =>
      lint(definePolicy({ hops: [{ ...XFF, from: cloudflare }] }), date + days * 86_400_000).map(
        ({ code }) => code,
      )
    expect([codes(179.9), codes(180)]).toEqual([[], ['old-snapshot']])
    const ipv4 = cloudflare.filter((entry) => !entry.includes(':'))
    const found = lint(definePolicy({ hops: [{ ...XFF, from: ipv4 }] }), date + 200 * 86_400_000)
    expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'warning old-snapshot',
      'warning ipv4-only',
    ])
  })

  test('looks at a policy as of now where no moment is given', () => {
    const old = { hops: [{ ...XFF, from: providers.fastly.entries }] }
    expect(lint(definePolicy(old)).map(({ code }) => code)).toEqual(
      lint(definePolicy(old), Date.now()).map(({ code }) => code),
    )
  })
})

describe('lint tells apart', () => {
  const overProxy = (from: string[], more: object = {}) => ({
    hops: [
      { ...PROXY, from: ['10.0.0.0/8', 'unix'] },
      { ...XFF, from },
    ],
    proxyProtocol: { optional: true },
    ...more,
  })

  test.each<[string, PolicyOptions, string[]]>([
    [
      'the widest prefix that proxies have from one that nobody has',
      { hops: [{ ...XFF, from: ['64.0.0.0/11', '2600::/24'] }] },
      [],
    ],
    [
      'IPv4 wider than that',
      { hops: [{ ...XFF, from: ['64.0.0.0/10'] }] },
      ['warning trusts-public-space at hops[0].from'],
    ],
    [
      'IPv6 wider than that',
      { hops: [{ ...XFF, from: ['2600::/23'] }] },
      ['warning trusts-public-space at hops[0].from'],
    ],
    [
      'carrier-grade NAT and link-local from public space',
      { hops: [{ ...XFF, from: ['100.64.0.0/10', 'fe80::/10', 'fc00::/7', '127.0.0.0/8'] }] },
      [],
    ],
    [
      'depth over much of the Internet',
      { hops: [{ ...XFF, from: ['64.0.0.0/4'], depth: 1 }] },
      ['warning depth-direct-hit at hops[0].depth'],
    ],
    ['the Unix socket from nobody', { hops: [{ ...XFF, from: ['unix'] }] }, []],
    [
      'one Unix socket that two rules name',
      {
        hops: [
          { ...CF, from: ['unix'] },
          { ...XFF, from: ['unix'] },
        ],
      },
      ['info overlapping-rules at hops[1].from'],
    ],
    [
      'a Unix socket from the addresses of another rule',
      {
        hops: [
          { ...CF, from: ['unix'] },
          { ...XFF, from: ['10.0.0.0/8'] },
        ],
      },
      [],
    ],
    [
      'a rule whose Unix socket is new from one that is shadowed',
      {
        hops: [
          { ...XFF, from: ['10.0.0.0/8'] },
          { ...XFF, from: ['10.1.0.0/16', 'unix'] },
        ],
      },
      [],
    ],
    [
      'a shadowed rule with a Unix socket',
      {
        hops: [
          { ...XFF, from: ['10.0.0.0/8', 'unix'] },
          { ...XFF, from: ['unix', '10.1.0.0/16'] },
        ],
      },
      ['warning shadowed-rule at hops[1].from'],
    ],
    [
      'a rule that is shadowed only in part',
      {
        hops: [
          { ...XFF, from: ['10.0.0.0/8'] },
          { ...XFF, from: ['10.1.0.0/16', '172.16.0.0/12'] },
        ],
      },
      [],
    ],
    [
      'a wide prefix from the narrow one inside it, whatever lies between',
      {
        hops: [
          { ...XFF, from: ['10.0.0.0/8', '10.1.2.0/24'] },
          { ...XFF, from: ['10.1.0.0/16', '10.1.2.0/24'] },
        ],
      },
      ['warning shadowed-rule at hops[1].from'],
    ],
    [
      'a prefix behind a wider one from the narrow one at its start',
      {
        hops: [
          { ...XFF, from: ['10.0.0.0/8', '10.1.0.0/24'] },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
      },
      ['warning shadowed-rule at hops[1].from'],
    ],
    [
      'a prefix behind itself, with a narrower one at its start',
      {
        hops: [
          { ...XFF, from: ['10.1.0.0/16', '10.1.0.0/24'] },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
      },
      ['warning shadowed-rule at hops[1].from'],
    ],
    [
      'a prefix of which only the start is in an earlier rule',
      {
        hops: [
          { ...XFF, from: ['10.1.0.0/24', '172.16.0.0/12'] },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
      },
      [],
    ],
    [
      'a prefix that an earlier rule has, beside another',
      {
        hops: [
          { ...XFF, from: ['10.1.0.0/16', '172.16.0.0/12'] },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
      },
      ['warning shadowed-rule at hops[1].from'],
    ],
    [
      'nobody from somebody who is shadowed',
      {
        hops: [
          { ...XFF, from: ['10.0.0.0/8'] },
          { ...XFF, from: [] },
        ],
      },
      ['warning empty-from at hops[1].from'],
    ],
    [
      'one prefix of a rule inside the other kind, beside one outside',
      {
        hops: [
          { ...CF, from: ['10.0.0.0/8'] },
          { ...XFF, from: ['10.1.0.0/16', '172.16.0.0/12'] },
        ],
      },
      ['info overlapping-rules at hops[1].from'],
    ],
    [
      'one of several senders who may leave the PROXY header out',
      {
        hops: [
          { ...PROXY, from: ['172.16.0.0/12'] },
          { ...PROXY, from: ['10.0.0.0/8'], name: 'second' },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
        proxyProtocol: { optional: true },
      },
      ['info overlapping-rules at hops[2].from', 'warning header-without-proxy at hops[2].from'],
    ],
    [
      "a CDN's header from private addresses and live ranges",
      { hops: [{ ...CF, from: ['10.0.0.0/8', live(false)] }] },
      ['info shared-cdn-header at hops[0].asserts'],
    ],
    [
      'the same prefix in another family',
      {
        hops: [
          { ...XFF, from: ['::a00:0/104'] },
          { ...XFF, from: ['10.0.0.0/8'] },
        ],
      },
      [],
    ],
    [
      'a rule that lies inside the other kind, from either side',
      {
        hops: [
          { ...CF, from: ['10.1.0.0/16'] },
          { ...XFF, from: ['10.0.0.0/8'] },
        ],
      },
      ['info overlapping-rules at hops[1].from'],
    ],
    [
      'a header behind senders who may leave the PROXY header out',
      overProxy(['unix']),
      ['info overlapping-rules at hops[1].from', 'warning header-without-proxy at hops[1].from'],
    ],
    ['from one behind others', overProxy(['172.16.0.0/12']), []],
    [
      'and from one behind senders who may not',
      overProxy(['10.1.0.0/16'], { proxyProtocol: { optional: false } }),
      ['info overlapping-rules at hops[1].from'],
    ],
    [
      "a CDN's header from live ranges",
      { hops: [{ ...CF, from: [live(false)] }] },
      ['info shared-cdn-header at hops[0].asserts'],
    ],
    [
      "a CDN's header from public and private addresses",
      { hops: [{ ...CF, from: ['10.0.0.0/8', '173.245.48.0/20'] }] },
      ['info shared-cdn-header at hops[0].asserts'],
    ],
    [
      "another header from a CDN's addresses",
      { hops: [{ ...XFF, from: ['173.245.48.0/20'] }] },
      [],
    ],
  ])('%s', (_, options, expected) => {
    expect(findings(options)).toEqual(expected)
  })

  test.each(['cf-connecting-ipv6', 'true-client-ip', 'fastly-client-ip', 'x-azure-clientip'])(
    '%s as a header that a CDN sets for all of its customers',
    (asserts) => {
      const hops = [{ asserts, required: true, from: ['173.245.48.0/20'] }]
      expect(findings({ hops })).toEqual(['info shared-cdn-header at hops[0].asserts'])
    },
  )
})

describe('what lint says', () => {
  const messages = (options: PolicyOptions, now?: number) =>
    lint(definePolicy(options), now).map(({ message }) => message)
  const edge = { name: 'edge', from: ['10.0.0.0/8'] }
  const later = Date.UTC(2030, 0, 1)

  test.each<[string, PolicyOptions, RegExp]>([
    [
      'trusts-everyone',
      { hops: [{ ...XFF, from: ['any'] }] },
      /every peer may assert x-forwarded-for, .* any address; name the addresses of your proxies/,
    ],
    [
      'trusts-public-space',
      { hops: [{ ...XFF, from: ['64.0.0.0/4'] }] },
      /64\.0\.0\.0\/4 .* Internet .* can claim any address/,
    ],
    [
      'depth-direct-hit',
      { hops: [{ ...XFF, from: ['any'], depth: 3 }] },
      /writes all 3 counted elements of x-forwarded-for; name the proxies in from/,
    ],
    ['empty-from', { hops: [{ ...XFF, from: [] }] }, /no node .* no walk reaches it/],
    [
      'shadowed-rule',
      {
        hops: [
          { ...XFF, ...edge },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
      },
      /rule edge reads the same evidence .* first: no walk reaches this rule/,
    ],
    [
      'overlapping-rules',
      {
        hops: [
          { ...CF, ...edge },
          { ...XFF, from: ['10.1.0.0/16'] },
        ],
      },
      /rule edge finds no cf-connecting-ip, the same hop's x-forwarded-for counts/,
    ],
    [
      'not-required',
      { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' },
      /sends no x-forwarded-for, its own address counts as the client.* write required: true/,
    ],
    [
      'shared-cdn-header',
      { hops: [{ ...CF, from: ['8.8.8.0/24'] }] },
      /other customers of the CDN .* send any cf-connecting-ip.* allow only your own zone/,
    ],
    [
      'stale-ranges',
      { hops: [{ ...XFF, from: [live(false), live(true)] }] },
      /the ranges of edge are from 2024-05-01; refresh them/,
    ],
    [
      'stale-ranges of which nothing has been read',
      { hops: [{ ...XFF, from: [live(true, 0)] }] },
      /the ranges of edge have not arrived yet; refresh them/,
    ],
    [
      'old-snapshot',
      { hops: [{ ...XFF, from: providers.cloudflare.entries }] },
      /cloudflare are a copy of 2026-09-23; compare them with https:\/\/api\.cloudflare\.com/,
    ],
    ['host-bits', { hops: [{ ...XFF, from: ['10.0.0.1/8'] }] }, /10\.0\.0\.1\/8/],
  ])('of %s is what is meant and what to do', (_, options, said) => {
    const found = messages(options, later)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(said)
  })

  test('says what to do', () => {
    const [finding] = lint(definePolicy({ hops: [{ ...XFF, from: [live(true)] }] }))
    expect(finding?.message).toContain('from 2024-05-01; refresh them')
  })

  test('of header-without-proxy and ipv4-only likewise', () => {
    const hops = [
      { ...PROXY, from: ['10.0.0.0/8'] },
      { ...XFF, from: ['10.1.0.0/16'] },
    ]
    expect(messages({ hops, proxyProtocol: { optional: true } }).at(-1)).toMatch(
      /may leave the PROXY header out .*, and then x-forwarded-for counts instead.* can forge it/,
    )
    const ipv4 = providers.cloudflare.entries.filter((entry) => !entry.includes(':'))
    expect(messages({ hops: [{ ...XFF, from: ipv4 }] }, 0)).toEqual([
      expect.stringMatching(/cloudflare connects over IPv6 too, .* all count as cloudflare/),
    ])
  })
})
