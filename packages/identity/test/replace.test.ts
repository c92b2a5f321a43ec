import { parseAddress } from '@truehop/ip'
import { describe, expect, test } from 'vitest'
import { isLiveRanges } from '../src/policy/peers.js'
import { definePolicy, type LiveRanges, PolicyError, resolve } from '../src/portable.js'
import { resolveAgain } from './resolve-again.js'

const evidence = { peer: '10.0.0.5', headers: { 'x-forwarded-for': '198.51.100.7' } }
const TRUSTING = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
const NLB = { from: ['10.0.0.0/8'], asserts: 'proxy-protocol' }

function ipOf(policy: ReturnType<typeof definePolicy>): string {
  const identity = resolve(policy, evidence)
  return identity.status === 'resolved' ? identity.ip : identity.reason
}

describe('a replacement', () => {
  test('is in force for the next identity and leaves decided ones alone', () => {
    const policy = definePolicy({ hops: [] })
    const before = resolve(policy, evidence)
    policy.replace(TRUSTING)
    expect(ipOf(policy)).toBe('198.51.100.7')
    expect(before).toMatchObject({ ip: '10.0.0.5' })
  })

  test('changes nothing if it is not a policy', () => {
    const policy = definePolicy(TRUSTING)
    expect(() => policy.replace({ trust: ['1'], header: 'x-forwarded-for' })).toThrow(PolicyError)
    expect(ipOf(policy)).toBe('198.51.100.7')
    expect(policy.status().version).toBe(1)
  })

  test('is counted and published', () => {
    const policy = definePolicy(TRUSTING)
    const versions: number[] = []
    const stop = policy.onReplaced((replaced) => versions.push(replaced.status().version))
    policy.replace(definePolicy({ hops: [] }))
    stop()
    policy.replace(TRUSTING)
    expect(versions).toEqual([2])
    expect(policy.status().version).toBe(3)
  })

  test('applies to the peers that connections with a PROXY header are accepted from', () => {
    const policy = definePolicy({ hops: [NLB] })
    const nlb = parseAddress('10.0.0.5') ?? 'unix'
    expect(policy.proxySenders.has(nlb)).toBe(true)
    policy.replace({ hops: [{ ...NLB, from: ['192.0.2.1'] }] })
    expect(policy.proxySenders.has(nlb)).toBe(false)
  })

  test.each([
    ['adds PROXY headers', { hops: [] }, { hops: [NLB] }],
    ['drops PROXY headers', { hops: [NLB] }, TRUSTING],
    ['changes a setting', { hops: [NLB] }, { hops: [NLB], proxyProtocol: { maxHeaders: 2 } }],
  ])('that %s is refused', (_, first, second) => {
    const policy = definePolicy(first)
    expect(() => policy.replace(second)).toThrow(/start the service again.*bad-replacement/)
  })
})

describe('a replacement that servers could not follow', () => {
  const settings = { timeout: 4000, maxHeaders: 2, direct: 'accept' } as const

  test('says which part of the policy it is', () => {
    const policy = definePolicy({ hops: [NLB] })
    expect(() => policy.replace(TRUSTING)).toThrow(/^hops: changes whether or how PROXY headers/)
    expect(() => policy.replace({ hops: [NLB], proxyProtocol: settings })).toThrow(
      /^proxyProtocol: changes whether or how PROXY headers/,
    )
  })

  test('is not one that writes the same settings in another order', () => {
    const policy = definePolicy({ hops: [NLB], proxyProtocol: settings })
    const { timeout, maxHeaders, direct } = settings
    for (const proxyProtocol of [
      { direct, maxHeaders, timeout },
      { maxHeaders, timeout, direct },
      { timeout, direct, maxHeaders },
    ]) {
      policy.replace({ hops: [{ ...NLB, from: ['192.0.2.0/24'] }], proxyProtocol })
    }
    expect(policy.status().version).toBe(4)
    expect(() => policy.replace({ hops: [NLB], proxyProtocol: { timeout: 4000 } })).toThrow()
  })
})

describe('the peers that a policy expects a PROXY header from', () => {
  const nlb = parseAddress('10.0.0.5') ?? 'unix'

  test('is nobody where no rule reads one', () => {
    const { proxySenders } = definePolicy(TRUSTING)
    expect([proxySenders.has(nlb), proxySenders.match(nlb)]).toEqual([false, undefined])
  })

  test('is known with the entry that names them', () => {
    const { proxySenders } = definePolicy({ hops: [NLB] })
    expect(proxySenders.match(nlb)).toMatchObject({ entry: '10.0.0.0/8' })
    expect(proxySenders.match('unix')).toBeUndefined()
  })
})

describe('live ranges in from', () => {
  const ranges = (prefix: string): LiveRanges => ({
    name: 'edge list',
    has: (address) => address.text.startsWith(prefix),
    status: () => ({
      name: 'edge list',
      size: 1,
      version: 'v7',
      updatedAt: 0,
      stale: false,
      lastError: undefined,
    }),
  })

  test('are asked each time, beside fixed entries', () => {
    let prefix = '192.0.2.'
    const live = { ...ranges(''), has: (a: { text: string }) => a.text.startsWith(prefix) }
    const policy = definePolicy({ trust: ['unix', live], header: 'x-forwarded-for' })
    expect(ipOf(policy)).toBe('10.0.0.5')
    prefix = '10.'
    expect(ipOf(policy)).toBe('198.51.100.7')
    expect(policy.current.hops[0]?.from.has('unix')).toBe(true)
  })

  test('show their state in the status of the policy', () => {
    const policy = definePolicy({ hops: [{ from: [ranges('10.')], asserts: 'forwarded' }] })
    expect(policy.status().hops).toEqual([
      {
        name: 'hop-1',
        asserts: 'forwarded',
        ranges: [expect.objectContaining({ name: 'edge list', version: 'v7', size: 1 })],
      },
    ])
  })

  test('are asked for every request of a connection, however often it has asked the same', () => {
    for (const entries of [['unix'], []]) {
      let prefix = '10.'
      const live = { ...ranges(''), has: (a: { text: string }) => a.text.startsWith(prefix) }
      const policy = definePolicy({
        hops: [
          { from: ['192.0.2.0/24'], asserts: 'forwarded' },
          { from: [...entries, live], asserts: 'x-forwarded-for' },
        ],
      })
      const connection = {}
      const ask = () => resolveAgain(policy, evidence, connection)
      for (let asked = 0; asked < 4; asked++) expect(ask()).toMatchObject({ ip: '198.51.100.7' })
      prefix = 'none'
      expect(ask()).toMatchObject({ ip: '10.0.0.5' })
    }
  })

  test('name themselves for an address, after the fixed entries', () => {
    const policy = definePolicy({ trust: ['10.1.0.0/16', ranges('10.')], header: 'forwarded' })
    const from = policy.current.hops[0]?.from
    const entryFor = (text: string) => from?.match(parseAddress(text) ?? 'unix')?.entry
    expect(['10.1.0.1', '10.2.0.1', '192.0.2.1'].map(entryFor)).toEqual([
      '10.1.0.0/16',
      'edge list',
      undefined,
    ])
  })

  test('are never asked about a Unix socket, which has no address', () => {
    const everybody = { ...ranges(''), has: () => true }
    const from = definePolicy({ trust: [everybody], header: 'forwarded' }).current.hops[0]?.from
    expect([from?.has('unix'), from?.match('unix')]).toEqual([false, undefined])
  })

  test('are objects with a name, has and status, and nothing less', () => {
    const whole = ranges('10.')
    expect(isLiveRanges(whole)).toBe(true)
    for (const key of ['name', 'has', 'status']) {
      expect(isLiveRanges({ ...whole, [key]: undefined })).toBe(false)
      const trust = [{ ...whole, [key]: 7 }] as unknown as string[]
      expect(() => definePolicy({ trust, header: 'forwarded' })).toThrow(
        "trust[0]: must be a string, got an object; write '10.0.0.0/8' [bad-from]",
      )
    }
    const named = Object.assign(() => true, { has: whole.has, status: whole.status })
    expect([null, undefined, 'text', 7, [], named].some(isLiveRanges)).toBe(false)
  })
})
