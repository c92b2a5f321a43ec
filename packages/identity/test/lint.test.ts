import { describe, expect, it } from 'vitest'
import { definePolicy, type LiveRanges, lint, type PolicyOptions, providers } from '../src/core.js'

const XFF = { asserts: 'x-forwarded-for', required: true }
const CF = { asserts: 'cf-connecting-ip', required: true }
const PROXY = { asserts: 'proxy-protocol', required: true }

function live(stale: boolean): LiveRanges {
  const state = { size: 1, version: undefined, stale, lastError: undefined }
  const status = () => ({ name: 'edge', updatedAt: Date.UTC(2024, 4, 1), ...state })
  return { name: 'edge', has: () => false, status }
}

function findings(options: PolicyOptions): string[] {
  return lint(definePolicy(options)).map((f) => `${f.severity} ${f.code} at ${f.path}`)
}

describe('lint', () => {
  it.each<[string, PolicyOptions, string[]]>([
    ['a narrow policy', { hops: [{ ...XFF, from: ['10.0.0.0/8', 'unix'] }] }, []],
    ['any peer', { hops: [{ ...XFF, from: ['any'] }] }, ['error trusts-everyone at hops[0].from']],
    [
      'any peer, spelt out',
      { hops: [{ ...XFF, from: ['10.0.0.1', '::/0'] }] },
      ['error trusts-everyone at hops[0].from'],
    ],
    [
      'much of the Internet',
      { hops: [{ ...XFF, from: ['64.0.0.0/4'] }] },
      ['warning trusts-public-space at hops[0].from'],
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
      'stale living ranges',
      { hops: [{ ...XFF, from: [live(true)] }] },
      ['warning stale-ranges at hops[0].from'],
    ],
    ['fresh living ranges', { hops: [{ ...XFF, from: [live(false)] }] }, []],
    ['host bits', { hops: [{ ...XFF, from: ['10.0.0.1/8'] }] }, ['info host-bits at hops[0].from']],
  ])('%s', (_, options, expected) => {
    expect(findings(options)).toEqual(expected)
  })

  const cloudflare = providers.cloudflare.entries
  const onDay = (day: string) => (from: readonly string[]) =>
    lint(definePolicy({ hops: [{ ...XFF, from }] }), Date.parse(day)).map(({ code }) => code)

  it('warns of a snapshot that is over 180 days old', () => {
    expect(onDay('2026-09-01')(cloudflare)).toEqual([])
    expect(onDay('2027-09-01')(cloudflare)).toEqual(['old-snapshot'])
  })

  it('warns where the IPv6 half of a provider is missing', () => {
    const ipv4 = cloudflare.filter((entry) => entry.includes('.'))
    expect(onDay('2026-09-01')(ipv4)).toEqual(['ipv4-only'])
  })

  it('says what to do', () => {
    const [finding] = lint(definePolicy({ hops: [{ ...XFF, from: [live(true)] }] }))
    expect(finding?.message).toContain('from 2024-05-01; refresh them')
  })
})
