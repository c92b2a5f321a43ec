import { describe, expect, test } from 'vitest'
import { definePolicy, PolicyError } from '../src/index.js'
import { edgeSettings } from '../src/request/adapter-options.js'

const XFF = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }

/** The message of the error, which begins with the path and ends with the code. */
function refusal(options: unknown, ownKeys?: readonly string[]): string {
  try {
    edgeSettings(options, ownKeys)
  } catch (error) {
    if (error instanceof PolicyError) return error.message
    throw error
  }
  return 'accepted'
}

describe('the options of a framework edge', () => {
  test('are those of a policy, and requests without a client are rejected', () => {
    const { policy, ...rest } = edgeSettings(XFF)
    expect(policy.current.hops).toMatchObject([{ entries: ['10.0.0.0/8'] }])
    expect(rest).toEqual({ onUndetermined: 'reject', compares: false, onDifference: undefined })
  })

  test('or a policy that is ready, the same object', () => {
    const policy = definePolicy(XFF)
    expect(edgeSettings({ policy, onUndetermined: 'continue' })).toEqual({
      policy,
      onUndetermined: 'continue',
      compares: false,
      onDifference: undefined,
    })
    expect(edgeSettings({ policy }).policy).toBe(policy)
  })

  test('leave everybody in where they only compare, unless they say otherwise', () => {
    const onDifference = () => {}
    const shadow = { ...XFF, compareWith: 'trust proxy' }
    expect(edgeSettings({ ...shadow, onDifference })).toMatchObject({
      compares: true,
      onUndetermined: 'continue',
      onDifference: expect.any(Function),
    })
    expect(edgeSettings(shadow).onDifference).toBeUndefined()
    expect(edgeSettings({ ...shadow, onUndetermined: 'reject' }).onUndetermined).toBe('reject')
  })

  test('may have keys of the edge itself, with a policy or its options', () => {
    const policy = definePolicy(XFF)
    expect(edgeSettings({ policy, logger: {} }, ['logger']).policy).toBe(policy)
    expect(edgeSettings({ ...XFF, logger: {} }, ['logger']).policy.current.hops).toHaveLength(1)
    expect(refusal({ ...XFF, logger: {} })).toMatch(
      /^logger: unknown option; expected one of policy,/,
    )
  })

  test('are refused at the option that is wrong', () => {
    const path = (options: unknown) => {
      try {
        edgeSettings(options)
      } catch (error) {
        return error instanceof PolicyError ? error.path : String(error)
      }
      return 'accepted'
    }
    expect(path({ policy: XFF })).toBe('policy')
    expect(path({ policy: definePolicy(XFF), maxHops: 3 })).toBe('policy')
    expect(path({})).toBe('')
  })

  test.each<[unknown, string]>([
    [undefined, 'policy: must be an object, got undefined'],
    [true, 'policy: must be an object, got true'],
    [{}, 'policy: says nothing; write'],
    [
      { ...XFF, onUndetermind: 'x' },
      'onUndetermind: unknown option; write onUndetermined [unknown-option]',
    ],
    [
      { ...XFF, onUndetermined: 'ignore' },
      "onUndetermined: must be 'reject' or 'continue', got 'ignore'; leave it out to answer 400 [bad-on-undetermined]",
    ],
    [
      { ...XFF, onUndetermined: null },
      "onUndetermined: must be 'reject' or 'continue', got null; leave it out to answer 400 [bad-on-undetermined]",
    ],
    [
      { ...XFF, compareWith: true },
      "compareWith: must be 'trust proxy', got true; the policy is compared with the framework's own setting [bad-compare-with]",
    ],
    [
      { ...XFF, onDifference: () => {} },
      "onDifference: is never called without compareWith; write compareWith: 'trust proxy' as well, or leave it out [bad-compare-with]",
    ],
    [
      { ...XFF, compareWith: 'trust proxy', onDifference: 'log' },
      "onDifference: must be a function, got 'log' [bad-compare-with]",
    ],
    [{ policy: XFF }, 'policy: must be what definePolicy() returns, got an object [bad-policy]'],
    [
      { policy: definePolicy(XFF), maxHops: 3 },
      'policy: cannot be combined with maxHops; put that into definePolicy(), or leave policy out [bad-policy]',
    ],
  ])('%# are refused with what to write', (options, said) => {
    expect(refusal(options).slice(0, said.length)).toBe(said)
  })
})
