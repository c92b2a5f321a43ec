import { definePolicy, type LiveRanges } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { policyView } from '../src/view/policy-view.js'

const feed: LiveRanges = {
  name: 'cdn feed',
  has: () => false,
  status: () => ({
    name: 'cdn feed',
    size: 22,
    version: '2026-11-01',
    updatedAt: 1_700_000_000_000,
    stale: true,
    lastError: 'answered 503',
  }),
}

describe('the policy as it is shown', () => {
  test('has each hop with what it asserts, its ranges and their age', () => {
    const policy = definePolicy({
      hops: [
        { name: 'nlb', from: ['10.0.0.0/16', 'loopback'], asserts: 'proxy-protocol' },
        { name: 'edge', from: [feed], asserts: 'CF-Connecting-IP', required: true },
      ],
    })
    expect(policyView(policy)).toMatchObject({
      version: 1,
      maxHops: 64,
      proxyProtocol: { direct: 'reject', optional: false },
      hops: [
        { name: 'nlb', asserts: 'proxy-protocol', from: ['10.0.0.0/16', 'loopback'], ranges: [] },
        {
          name: 'edge',
          asserts: 'cf-connecting-ip',
          required: true,
          from: [],
          ranges: [
            {
              name: 'cdn feed',
              size: 22,
              updatedAt: 1_700_000_000_000,
              stale: true,
              lastError: 'answered 503',
            },
          ],
        },
      ],
      findings: expect.arrayContaining([expect.objectContaining({ code: 'stale-ranges' })]),
    })
  })

  test('answers the three questions, rule by rule, with some of many addresses', () => {
    const from = Array.from({ length: 50 }, (_, index) => `10.0.${index}.0/24`)
    const policy = definePolicy({
      hops: [
        { name: 'lb', from, asserts: 'proxy-protocol' },
        { name: 'edge', from: [feed], asserts: 'CF-Connecting-IP' },
      ],
    })
    const [first, second] = policyView(policy).answers
    expect(first).toMatchObject({ rule: 'lb', field: expect.stringContaining('PROXY header') })
    expect([first?.assertedBy.length, first?.more]).toEqual([40, 10])
    expect(second).toMatchObject({
      rule: 'edge',
      field: expect.stringContaining('CF-Connecting-IP'),
      assertedBy: ['cdn feed'],
      more: 0,
      consumedBy: expect.stringContaining('identityOf(request)'),
    })
  })

  test('shows what live ranges hold, some of many, and asks for no more of them', () => {
    let told = 0
    function* entries() {
      for (let i = 0; i < 1_000_000; i++) {
        told++
        yield `10.${i >> 8}.${i & 255}.0/24`
      }
    }
    const telling = { ...feed, entries }
    const view = policyView(definePolicy({ trust: [telling, feed], header: 'forwarded' }))
    const [first, second] = view.hops[0]?.ranges ?? []
    expect(first?.from).toEqual([...Array(40).keys()].map((i) => `10.0.${i}.0/24`))
    expect(second?.from).toEqual([])
    expect(told).toBeLessThanOrEqual(41)
  })

  test('shows some of many ranges, and says how many more there are', () => {
    const trust = Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`)
    const view = policyView(definePolicy({ trust, header: 'forwarded' }))
    expect(view.hops).toMatchObject([{ from: trust.slice(0, 40), more: 4960 }])
  })
})
