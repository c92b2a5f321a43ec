import { describe, expect, test } from 'vitest'
import { definePolicy, type Evidence, type PolicyOptions, resolve } from '../src/portable.js'
import { resolveAgain } from './resolve-again.js'

/*
 * What a connection remembers stands only for the very same evidence. Each case asks until the answer
 * is remembered, and then changes one thing.
 */

const TIMES = 4

const source = (address: string) => ({
  version: 2 as const,
  command: 'PROXY' as const,
  family: 'INET' as const,
  transport: 'STREAM' as const,
  source: { address, port: 4711 },
  destination: { address: '10.0.0.9', port: 443 },
  tlvs: [],
})
const PROXY_HEADERS = [source('10.1.0.3')]

const OPTIONS: PolicyOptions = {
  hops: [
    { from: ['10.0.0.5'], asserts: 'proxy-protocol' },
    { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' },
    { from: ['172.16.0.0/12'], asserts: 'x-real-ip' },
  ],
}
const EVIDENCE = {
  peer: '10.0.0.5',
  peerPort: 50_000,
  proxyHeaders: PROXY_HEADERS,
  headers: { 'x-forwarded-for': '172.16.0.1', 'x-real-ip': '198.51.100.7' },
  encrypted: false,
} satisfies Evidence

/** Everything that an identity tells. */
function facts(identity: ReturnType<typeof resolve>) {
  return JSON.parse(JSON.stringify(identity)) as object
}

function remembering(options = OPTIONS, evidence: Evidence = EVIDENCE) {
  const policy = definePolicy(options)
  const connection = {}
  const ask = (asked: Evidence) => resolveAgain(policy, asked, connection)
  for (let times = 0; times < TIMES; times++) {
    expect(facts(ask(evidence))).toEqual(facts(resolve(policy, evidence)))
  }
  return { policy, ask }
}

/** The address of an answer: the same object where nothing was read anew. */
function addressOf(identity: ReturnType<typeof resolve>) {
  return identity.status === 'resolved' ? identity.address : undefined
}

describe('an answer that a connection remembers', () => {
  test('costs no more reading', () => {
    const { ask } = remembering()
    const first = addressOf(ask(EVIDENCE))
    expect(first?.text).toBe('198.51.100.7')
    expect(addressOf(ask({ ...EVIDENCE, headers: { ...EVIDENCE.headers } }))).toBe(first)
    expect(addressOf(ask({ ...EVIDENCE, encrypted: true }))).toBe(first)
  })

  test.each<[string, Partial<Evidence>]>([
    ['another peer', { peer: '10.0.0.6' }],
    ['a peer that no rule trusts', { peer: '192.0.2.1' }],
    ['no peer', { peer: undefined }],
    ['another port of the peer', { peerPort: 50_001 }],
    ['other PROXY headers', { proxyHeaders: [source('192.0.2.7')] }],
    ['no PROXY headers', { proxyHeaders: undefined }],
    ['another list', { headers: { ...EVIDENCE.headers, 'x-forwarded-for': '192.0.2.7' } }],
    ['no list', { headers: { 'x-real-ip': '198.51.100.7' } }],
    ['another single address', { headers: { ...EVIDENCE.headers, 'x-real-ip': '198.51.100.8' } }],
    ['no headers at all', { headers: undefined }],
    ['headers that may be cut off', { headersTruncated: true }],
  ])('does not stand for %s', (_, change) => {
    const { policy, ask } = remembering()
    const changed = { ...EVIDENCE, ...change }
    expect(facts(ask(changed))).toEqual(facts(resolve(policy, changed)))
    expect(facts(ask(changed))).not.toEqual(facts(ask(EVIDENCE)))
  })

  test('does not stand once the policy is replaced, nor for another policy', () => {
    const { policy, ask } = remembering()
    policy.replace({ hops: [{ from: ['10.0.0.5'], asserts: 'proxy-protocol' }] })
    expect(ask(EVIDENCE)).toMatchObject({ ip: '10.1.0.3' })
    const other = definePolicy({ hops: [] })
    const connection = {}
    for (let times = 0; times < TIMES; times++) {
      expect(resolveAgain(definePolicy(OPTIONS), EVIDENCE, connection).status).toBe('resolved')
      expect(resolveAgain(other, EVIDENCE, connection)).toMatchObject({ ip: '10.0.0.5' })
    }
  })

  test('is none of what nobody could be named by', () => {
    const unknown = { ...EVIDENCE, headers: { 'x-forwarded-for': 'unknown' } }
    const { ask } = remembering(OPTIONS, unknown)
    expect(ask(unknown)).toMatchObject({ status: 'undetermined', reason: 'unidentified-node' })
    expect(ask(EVIDENCE)).toMatchObject({ ip: '198.51.100.7' })
  })

  test('is kept of text of 512 characters and not of longer', () => {
    const list = (length: number) => ({
      ...EVIDENCE,
      headers: { 'x-forwarded-for': '198.51.100.7'.padStart(length) },
    })
    const same = (length: number) => {
      const { ask } = remembering(OPTIONS, list(length))
      const first = addressOf(ask(list(length)))
      return first === addressOf(ask(list(length)))
    }
    expect([same(511), same(512), same(513)]).toEqual([true, true, false])
  })

  test('is kept without any header, and without a list of PROXY headers', () => {
    const bare = { peer: '192.0.2.1', peerPort: 1 }
    const { ask } = remembering(OPTIONS, bare)
    const first = addressOf(ask(bare))
    expect(addressOf(ask(bare))).toBe(first)
  })

  test('is none of headers that came as several values', () => {
    const several = (last: string) => ({
      ...EVIDENCE,
      headers: { 'x-forwarded-for': ['6.6.6.6', last] },
    })
    const { ask } = remembering(OPTIONS, several('198.51.100.7'))
    expect(ask(several('198.51.100.8'))).toMatchObject({ ip: '198.51.100.8' })
    const evidence = several('198.51.100.9')
    for (let times = 0; times < TIMES; times++) {
      expect(ask(evidence)).toMatchObject({ ip: '198.51.100.9' })
    }
    evidence.headers['x-forwarded-for'][1] = '198.51.100.10'
    for (let times = 0; times < TIMES; times++) {
      expect(ask(evidence)).toMatchObject({ ip: '198.51.100.10' })
    }
  })

  test('is none under a policy that looks for contradictions in other headers', () => {
    const { ask } = remembering({ ...OPTIONS, onConflict: 'reject' })
    const headers = { ...EVIDENCE.headers, forwarded: 'for=6.6.6.6' }
    expect(ask({ ...EVIDENCE, headers })).toMatchObject({ reason: 'conflicting-evidence' })
  })

  test('is none where there is no connection to remember it', () => {
    const policy = definePolicy(OPTIONS)
    for (let times = 0; times < TIMES; times++) {
      expect(resolveAgain(policy, EVIDENCE, undefined)).toMatchObject({ ip: '198.51.100.7' })
    }
  })
})

describe('the peer of an identity', () => {
  const peerOf = (peer: string, options: PolicyOptions = { hops: [] }) =>
    resolve(definePolicy(options), { peer }).peer

  test.each([
    ['10.0.0.5', '10.0.0.5'],
    ['::ffff:10.0.0.5', '10.0.0.5'],
    ['::FFFF:a00:5', '10.0.0.5'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unix', 'unix'],
  ])('%s is told as %s', (peer, text) => {
    expect(peerOf(peer)).toBe(text)
  })

  test('of a Unix socket is the last hop that was trusted where a rule names it', () => {
    const unix = definePolicy({ trust: ['unix'], header: 'x-forwarded-for' })
    expect(
      resolve(unix, { peer: 'unix', headers: { 'x-forwarded-for': 'unknown' } }),
    ).toMatchObject({
      reason: 'unidentified-node',
      lastTrustedHop: 'unix',
      peer: 'unix',
      source: 'x-forwarded-for',
      rule: 'hop-1',
    })
    expect(resolve(definePolicy({ hops: [] }), { peer: 'unix' })).toMatchObject({
      reason: 'untrusted-unix-peer',
      lastTrustedHop: undefined,
      source: 'socket',
      rule: undefined,
    })
  })
})
