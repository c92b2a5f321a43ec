import { definePolicy, type LiveRanges } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { policyView } from '../src/policy-view.js'

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

  test('shows some of many ranges, and says how many more there are', () => {
    const trust = Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`)
    const view = policyView(definePolicy({ trust, header: 'forwarded' }))
    expect(view.hops).toMatchObject([{ from: trust.slice(0, 40), more: 4960 }])
  })
})
