import { describe, expect, test } from 'vitest'
import {
  definePolicy,
  type Evidence,
  explain,
  type PolicyOptions,
  resolve,
} from '../src/portable.js'

const NGINX: PolicyOptions = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
const CLIENT = '198.51.100.7'
const peer = '10.0.0.5'

function conflicts(evidence: Evidence, options = NGINX): string[] {
  return explain(definePolicy(options), evidence).conflicts.map((c) => `${c.source} ${c.claims}`)
}

const source = (address: string) => ({
  version: 1 as const,
  command: 'PROXY' as const,
  family: 'INET' as const,
  transport: 'STREAM' as const,
  source: { address, port: 1 },
  destination: { address: '10.0.0.9', port: 443 },
  tlvs: [],
})

describe('evidence contradicts the walk', () => {
  const list = { 'x-forwarded-for': `${CLIENT}, 10.0.0.2` }
  test.each<[string, Evidence, string[]]>([
    [
      'in Forwarded',
      { peer, headers: { ...list, forwarded: 'for=6.6.6.6, for=7.7.7.7' } },
      ['forwarded 7.7.7.7'],
    ],
    [
      'in a CDN header',
      { peer, headers: { ...list, 'cf-connecting-ip': '6.6.6.6' } },
      ['cf-connecting-ip 6.6.6.6'],
    ],
    [
      'in a PROXY header that no rule reads',
      { peer, headers: list, proxyHeaders: [source('6.6.6.6')] },
      ['proxy-protocol 6.6.6.6'],
    ],
    [
      'not where it names the client',
      { peer, headers: { ...list, forwarded: `for=${CLIENT}` } },
      [],
    ],
    ['not where it names a hop', { peer, headers: { ...list, 'x-real-ip': '10.0.0.2' } }, []],
    ['not where it names no address', { peer, headers: { ...list, 'x-real-ip': 'unknown' } }, []],
    [
      'not where one element of a list names the client',
      { peer, headers: { ...list, forwarded: `for=9.9.9.9, for=${CLIENT}, for=8.8.8.8` } },
      [],
    ],
    [
      'in a list without blanks, by the address nearest to this server',
      { peer, headers: { ...list, 'x-original-forwarded-for': '6.6.6.6,7.7.7.7,unknown' } },
      ['x-original-forwarded-for 7.7.7.7'],
    ],
    [
      'not where nobody could be named',
      { peer, headers: { 'x-forwarded-for': 'unknown', forwarded: 'for=6.6.6.6' } },
      [],
    ],
    [
      'not in a PROXY header of a peer that no rule trusts',
      { peer: '192.0.2.1', proxyHeaders: [source('6.6.6.6')] },
      [],
    ],
    ['not left of the client', { peer, headers: { 'x-forwarded-for': `6.6.6.6, ${CLIENT}` } }, []],
    [
      'not by an untrusted peer',
      { peer: '192.0.2.1', headers: { ...list, forwarded: 'for=6.6.6.6' } },
      [],
    ],
  ])('%s', (_, evidence, expected) => {
    expect(conflicts(evidence)).toEqual(expected)
  })

  test('not where one of the 16 elements nearest to this server agrees', () => {
    const others = (count: number) => ', for=6.6.6.6'.repeat(count)
    const forwarded = (count: number) => ({ ...list, forwarded: `for=${CLIENT}${others(count)}` })
    expect(conflicts({ peer, headers: forwarded(15) })).toEqual([])
    expect(conflicts({ peer, headers: forwarded(16) })).toEqual(['forwarded 6.6.6.6'])
  })

  test('not in headers behind a hop that knows no HTTP', () => {
    const nlb = { trust: ['10.0.0.0/8'], header: 'proxy-protocol' }
    const evidence = { peer, headers: { 'x-real-ip': '6.6.6.6' }, proxyHeaders: [source(CLIENT)] }
    expect(conflicts(evidence, nlb)).toEqual([])
  })
})

describe('onConflict', () => {
  const evidence = { peer, headers: { 'x-forwarded-for': CLIENT, forwarded: 'for=6.6.6.6' } }

  test('ignores by default', () => {
    expect(resolve(definePolicy(NGINX), evidence)).toMatchObject({ ip: CLIENT })
  })

  test("'reject' names nobody, and says which evidence disagrees", () => {
    const policy = definePolicy({ ...NGINX, onConflict: 'reject' })
    const expected = {
      status: 'undetermined',
      reason: 'conflicting-evidence',
      source: 'forwarded',
      rule: 'hop-1',
    }
    expect(resolve(policy, evidence)).toMatchObject(expected)
    expect(explain(policy, evidence).identity).toMatchObject(expected)
  })

  test("'reject' cannot be used by a client to lock others or itself out from the left", () => {
    const policy = definePolicy({ ...NGINX, onConflict: 'reject' })
    const headers = { 'x-forwarded-for': `6.6.6.6, ${CLIENT}` }
    expect(resolve(policy, { peer, headers })).toMatchObject({ ip: CLIENT })
  })
})
