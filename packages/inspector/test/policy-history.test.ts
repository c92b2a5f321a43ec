import { definePolicy } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { PolicyHistory } from '../src/record/policy-history.js'

const rule = { name: 'edge', from: ['10.0.0.0/8', '192.0.2.0/24'], asserts: 'x-forwarded-for' }

describe('the history of a policy', () => {
  test('says line by line what a replacement took away and brought', () => {
    const policy = definePolicy({ hops: [rule] })
    const history = new PolicyHistory()
    history.see(policy)
    policy.replace({
      hops: [
        { ...rule, from: ['10.0.0.0/8', '198.51.100.0/24'] },
        { name: 'cdn', from: ['203.0.113.0/24'], asserts: 'cf-connecting-ip', required: true },
      ],
      maxHops: 8,
    })
    history.replaced(policy)
    expect(history.of(policy)).toEqual([
      {
        version: 2,
        at: policy.status().since,
        removed: ['rules: edge', 'edge: from 192.0.2.0/24', 'maxHops: 64'],
        added: [
          'rules: edge, cdn',
          'edge: from 198.51.100.0/24',
          'cdn: asserts cf-connecting-ip, required',
          'cdn: from 203.0.113.0/24',
          'maxHops: 8',
        ],
        omitted: 0,
      },
    ])
  })

  test('keeps twenty replacements and eighty lines of each', () => {
    const policy = definePolicy({ hops: [rule] })
    const history = new PolicyHistory()
    history.see(policy)
    for (let n = 0; n < 25; n++) {
      const from = Array.from({ length: 200 }, (_, i) => `10.${n}.${i}.0/24`)
      policy.replace({ hops: [{ ...rule, from }] })
      history.replaced(policy)
    }
    const kept = history.of(policy)
    expect(kept.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, i) => 26 - i))
    for (const { removed, added, omitted } of kept) {
      expect([removed.length, added.length, omitted]).toEqual([40, 40, 320])
    }
  })

  test('has nothing to compare with where it has not seen what was before', () => {
    const policy = definePolicy({ hops: [rule] })
    const history = new PolicyHistory()
    policy.replace({ hops: [] })
    history.replaced(policy)
    expect(history.of(policy)).toEqual([])
    policy.replace({ hops: [rule] })
    history.replaced(policy)
    expect(history.of(policy)).toMatchObject([{ version: 3, removed: ['no rules'] }])
  })
})
