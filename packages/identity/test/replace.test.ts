import { parseAddress } from '@truehop/ip'
import { describe, expect, it } from 'vitest'
import { definePolicy, type LiveRanges, PolicyError, resolve } from '../src/core.js'

const evidence = { peer: '10.0.0.5', headers: { 'x-forwarded-for': '198.51.100.7' } }
const TRUSTING = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
const NLB = { from: ['10.0.0.0/8'], asserts: 'proxy-protocol' }

function ipOf(policy: ReturnType<typeof definePolicy>): string {
  const identity = resolve(policy, evidence)
  return identity.status === 'resolved' ? identity.ip : identity.reason
}

describe('a replacement', () => {
  it('is in force for the next identity and leaves decided ones alone', () => {
    const policy = definePolicy({ hops: [] })
    const before = resolve(policy, evidence)
    policy.replace(TRUSTING)
    expect(ipOf(policy)).toBe('198.51.100.7')
    expect(before).toMatchObject({ ip: '10.0.0.5' })
  })

  it('changes nothing when it is no policy', () => {
    const policy = definePolicy(TRUSTING)
    expect(() => policy.replace({ trust: ['1'], header: 'x-forwarded-for' })).toThrow(PolicyError)
    expect(ipOf(policy)).toBe('198.51.100.7')
    expect(policy.status().version).toBe(1)
  })

  it('is counted and told', () => {
    const policy = definePolicy(TRUSTING)
    const versions: number[] = []
    const stop = policy.onReplaced((replaced) => versions.push(replaced.status().version))
    policy.replace(definePolicy({ hops: [] }))
    stop()
    policy.replace(TRUSTING)
    expect(versions).toEqual([2])
    expect(policy.status().version).toBe(3)
  })

  it('reaches whom connections with a PROXY header are accepted from', () => {
    const policy = definePolicy({ hops: [NLB] })
    const nlb = parseAddress('10.0.0.5') ?? 'unix'
    expect(policy.proxySenders.has(nlb)).toBe(true)
    policy.replace({ hops: [{ ...NLB, from: ['192.0.2.1'] }] })
    expect(policy.proxySenders.has(nlb)).toBe(false)
  })

  it.each([
    ['adds PROXY headers', { hops: [] }, { hops: [NLB] }],
    ['drops PROXY headers', { hops: [NLB] }, TRUSTING],
    ['changes a setting', { hops: [NLB] }, { hops: [NLB], proxyProtocol: { maxHeaders: 2 } }],
  ])('that %s is refused', (_, first, second) => {
    const policy = definePolicy(first)
    expect(() => policy.replace(second)).toThrow(/start the service again.*bad-replacement/)
  })
})

describe('living ranges in from', () => {
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

  it('are asked each time, beside fixed entries', () => {
    let prefix = '192.0.2.'
    const live = { ...ranges(''), has: (a: { text: string }) => a.text.startsWith(prefix) }
    const policy = definePolicy({ trust: ['unix', live], header: 'x-forwarded-for' })
    expect(ipOf(policy)).toBe('10.0.0.5')
    prefix = '10.'
    expect(ipOf(policy)).toBe('198.51.100.7')
    expect(policy.current.hops[0]?.from.has('unix')).toBe(true)
  })

  it('show their state in the status of the policy', () => {
    const policy = definePolicy({ hops: [{ from: [ranges('10.')], asserts: 'forwarded' }] })
    expect(policy.status().hops).toEqual([
      {
        name: 'hop-1',
        asserts: 'forwarded',
        ranges: [expect.objectContaining({ name: 'edge list', version: 'v7', size: 1 })],
      },
    ])
  })
})
