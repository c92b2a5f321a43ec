import { describe, expect, test } from 'vitest'
import { definePolicy, PolicyError, type PolicyOptions } from '../src/index.js'

function messageFor(options: object): string {
  try {
    definePolicy(options as PolicyOptions)
  } catch (error) {
    if (error instanceof PolicyError) return error.message
  }
  return 'accepted'
}

describe('the message of a PolicyError', () => {
  test.each<[string, object, string]>([
    ['a value', { trust: ['loopback'], header: 'a\u001b[2Jb' }, "'a\\u001b[2Jb'"],
    [
      'a key',
      { trust: [], header: 'forwarded', 'x\u009b\n': 1 },
      'x\\u009b\\u000a: unknown option',
    ],
    ['a rule', { hops: ['\u2028'] }, "'\\u2028'"],
    ['an override', { trust: ['\u202e8/0.0.0.01'], header: 'forwarded' }, '\\u202e8'],
  ])('does not let %s move the cursor of a terminal', (_, options, shown) => {
    expect(messageFor(options)).toContain(shown)
  })

  test('is bounded however long a key is', () => {
    expect(messageFor({ ['k'.repeat(10_000)]: 1 }).length).toBeLessThan(400)
  })

  test('begins with the name of the error, the policy or the place in it', () => {
    const text = (...parts: ConstructorParameters<typeof PolicyError>) =>
      String(new PolicyError(...parts))
    expect(text('bad-policy', '', 'is wrong')).toBe('PolicyError: policy: is wrong [bad-policy]')
    expect(text('bad-hops', 'hops', 'is wrong')).toBe('PolicyError: hops: is wrong [bad-hops]')
    expect(text('bad-file', '', 'is wrong', 'a.json')).toBe(
      'PolicyError: a.json: is wrong [bad-file]',
    )
    expect(text('bad-hops', 'hops', 'is wrong', 'a.json')).toBe(
      'PolicyError: a.json: hops: is wrong [bad-hops]',
    )
  })
})
