import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { definePolicy, type Evidence, type LiveRanges, resolve } from '../src/portable.js'
import { resolveAgain } from './resolve-again.js'

const numRuns = Number(process.env['TRUEHOP_RUNS'] ?? 500)

const POLICIES = [
  { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' },
  { trust: ['10.0.0.0/16'], header: 'x-forwarded-for' },
  { trust: ['10.0.0.0/8'], header: 'forwarded' },
  { trust: ['10.0.0.0/8'], header: 'x-forwarded-for', depth: 2 },
  { trust: ['10.0.0.0/8'], header: 'x-forwarded-for', onConflict: 'reject' as const },
  {
    hops: [
      { from: ['10.0.0.0/16'], asserts: 'x-real-ip' },
      { from: ['10.1.0.0/16'], asserts: 'x-forwarded-for', required: true },
    ],
  },
  { hops: [] },
]

const list = fc.constantFrom(
  ...['198.51.100.7', '198.51.100.8', '198.51.100.7, 10.1.0.1', '10.1.0.1', '10.1.0.1, 10.0.0.9'],
  ...['unknown', '', ' 198.51.100.7:80 ', '2001:db8::7'],
)
const element = list.map((text) =>
  text.replaceAll(/[^, ]+/g, 'for="$&";proto=https;host=a.example'),
)
const headers = fc.record(
  {
    host: fc.constantFrom('shop.example', 'other.example'),
    'x-forwarded-for': list,
    forwarded: element,
    'x-real-ip': fc.constantFrom('10.1.0.1', '198.51.100.9', '198.51.100.9, 10.0.0.1'),
    'x-forwarded-proto': fc.constantFrom('https', 'http', 'http, https'),
    'x-forwarded-host': fc.constantFrom('a.example', 'a.example, b.example'),
  },
  { requiredKeys: ['host'] },
)
const request = fc.record({
  headers,
  encrypted: fc.boolean(),
  truncated: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
})

function facts(identity: ReturnType<typeof resolve>) {
  return JSON.parse(JSON.stringify(identity)) as object
}

const NO_HEADERS: readonly never[] = []

function evidenceOf(
  asked: { headers: object; encrypted: boolean; truncated?: boolean },
  peer = '10.0.0.5',
): Evidence {
  const { headers, encrypted, truncated: headersTruncated } = asked
  const fixed = { peer, peerPort: 1, proxyHeaders: NO_HEADERS }
  return { ...fixed, headers: { ...headers }, encrypted, headersTruncated }
}

describe('a walk remembered for its connection', () => {
  test('finds what a fresh walk finds, whatever requests and replacements come', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ request }) },
      { weight: 1, arbitrary: fc.record({ policy: fc.constantFrom(...POLICIES) }) },
    )
    const steps = fc.tuple(
      fc.array(fc.oneof(step, step), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
    )
    fc.assert(
      fc.property(steps, ([sequence, repeats]) => {
        const policy = definePolicy(POLICIES[0] ?? { hops: [] })
        const connection = {}
        for (const asked of sequence) {
          if ('policy' in asked) policy.replace(asked.policy)
          else {
            for (let i = 0; i < repeats; i++) {
              const evidence = evidenceOf(asked.request)
              const again = facts(resolveAgain(policy, evidence, connection))
              expect(again).toEqual(facts(resolve(policy, evidence)))
            }
          }
        }
      }),
      { numRuns },
    )
  })

  test('tells each request its own scheme and host, from an identity of its own', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const connection = {}
    const [first, second] = ['http', 'https'].map((proto) =>
      resolveAgain(
        policy,
        evidenceOf({
          headers: { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': proto, host: proto },
          encrypted: false,
        }),
        connection,
      ),
    )
    expect(first).not.toBe(second)
    expect([first?.protocol, second?.protocol]).toEqual(['http', 'https'])
    expect([first?.host, second?.host]).toEqual(['http', 'https'])
  })

  test('is no longer tried on a connection that brought many clients in a row', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const asking = (client: string) =>
      evidenceOf({ headers: { 'x-forwarded-for': client }, encrypted: false })
    const isRemembered = (connection: object) => {
      const [, second, third] = [1, 2, 3].map(() =>
        resolveAgain(policy, asking('198.51.100.7'), connection),
      )
      expect(third?.ip).toBe('198.51.100.7')
      return second?.nodes === third?.nodes
    }
    const few = {}
    for (let i = 0; i < 20; i++) resolveAgain(policy, asking(`203.0.113.${i}`), few)
    const many = {}
    for (let i = 0; i < 40; i++) resolveAgain(policy, asking(`203.0.113.${i}`), many)
    expect([isRemembered({}), isRemembered(few), isRemembered(many)]).toEqual([true, true, false])
  })

  test('does not stand for a peer that says the same', () => {
    const policy = definePolicy({ trust: ['10.0.0.5'], header: 'x-forwarded-for' })
    const connection = {}
    const asked = { headers: { 'x-forwarded-for': '198.51.100.7' }, encrypted: false }
    const trusted = resolveAgain(policy, evidenceOf(asked), connection)
    const stranger = resolveAgain(policy, evidenceOf(asked, '10.0.0.6'), connection)
    expect(trusted).toMatchObject({ ip: '198.51.100.7' })
    expect(stranger).toMatchObject({ ip: '10.0.0.6' })
  })

  test('asks ranges that live every time', () => {
    let trusted = true
    const ranges: LiveRanges = {
      name: 'living',
      has: () => trusted,
      status: () => ({
        name: 'living',
        size: 1,
        version: undefined,
        updatedAt: 0,
        stale: false,
        lastError: undefined,
      }),
    }
    const policy = definePolicy({
      hops: [{ from: [ranges], asserts: 'x-real-ip' }],
    })
    const connection = {}
    const evidence = evidenceOf({ headers: { 'x-real-ip': '198.51.100.7' }, encrypted: false })
    const before = resolveAgain(policy, evidence, connection)
    trusted = false
    expect(before).toMatchObject({ ip: '198.51.100.7' })
    expect(resolveAgain(policy, evidence, connection)).toMatchObject({ ip: '10.0.0.5' })
  })

  test('tells the scheme by the headers that were walked, whatever became of them since', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const connection = {}
    const asked = {
      headers: { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'https' },
      encrypted: false,
    }
    for (let i = 0; i < 3; i++) resolveAgain(policy, evidenceOf(asked), connection)
    const headers: Record<string, string> = { ...asked.headers }
    const evidence = { ...evidenceOf(asked), headers }
    const identity = resolveAgain(policy, evidence, connection)
    delete headers['x-forwarded-for']
    expect(identity.protocol).toBe('https')
  })

  test('keeps no long header for the life of the connection', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const connection = {}
    const long = `${'x'.repeat(16_000)}, 198.51.100.7`
    const evidence = evidenceOf({ headers: { 'x-forwarded-for': long }, encrypted: false })
    expect(resolveAgain(policy, evidence, connection)).toMatchObject({ ip: '198.51.100.7' })
    expect(inspect(connection, { depth: 9 })).not.toContain('xxx')
  })
})
