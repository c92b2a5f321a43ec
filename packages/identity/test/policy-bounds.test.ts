import { describe, expect, test } from 'vitest'
import { definePolicy, PolicyError, type PolicyOptions } from '../src/portable.js'

const HOP = { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }
const TRUST = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }

/** The message of the error, which begins with its path and ends with its code. */
function refusal(options: unknown): string {
  try {
    definePolicy(options as PolicyOptions)
  } catch (error) {
    if (error instanceof PolicyError) return error.message
    throw error
  }
  return 'accepted'
}

describe('a policy at the bounds of what it may say', () => {
  test.each<[string, unknown]>([
    ['maxHops 1', { ...TRUST, maxHops: 1 }],
    ['maxHops 65536', { ...TRUST, maxHops: 65_536 }],
    ['a name of one character', { hops: [{ ...HOP, name: 'a' }] }],
    ['a name of 64 characters', { hops: [{ ...HOP, name: 'a'.repeat(64) }] }],
    ['depth 1', { ...TRUST, depth: 1 }],
    ["onConflict 'ignore'", { ...TRUST, onConflict: 'ignore' }],
    ["onConflict 'reject'", { ...TRUST, onConflict: 'reject' }],
    ['no part of the original request', { ...TRUST, original: [] }],
    ['every part of it', { ...TRUST, original: ['port', 'host', 'proto'] }],
    ['no rule', { hops: [] }],
  ])('%s is valid', (_, options) => {
    expect(refusal(options)).toBe('accepted')
  })

  test.each<[unknown, string, string]>([
    [null, 'policy: must be an object', "{ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }"],
    [{}, 'policy: says nothing', '{ hops: [] } to trust nobody [missing-hops]'],
    [{ hops: {} }, 'hops: must be an array of rules', "asserts: 'x-forwarded-for' }] [bad-hops]"],
    [{ hops: [HOP, 7] }, 'hops[1]: must be an object, got 7', "write { from: ['10.0.0.0/8']"],
    [
      { ...TRUST, maxHops: 65_537 },
      'maxHops: must be an integer from 1 to 65536, got 65537',
      '[bad-max-hops]',
    ],
    [{ ...TRUST, maxHops: 0 }, 'maxHops: must be an integer from 1 to 65536, got 0', 'for 64'],
    [{ hops: [{ ...HOP, name: '' }] }, 'hops[0].name: must be a string of 1 to 64', '[bad-name]'],
    [{ hops: [{ ...HOP, name: 'a'.repeat(65) }] }, 'hops[0].name: must be a string', '[bad-name]'],
    [{ hops: [{ ...HOP, name: 7 }] }, 'hops[0].name: must be a string', '[bad-name]'],
    [
      { hops: [HOP, { ...HOP, name: 'hop-1' }] },
      "hops[1].name: must be a different name, got 'hop-1'",
      'could not distinguish the two',
    ],
    [{ trust: [], header: 7 }, "header: must be 'proxy-protocol', 'x-forwarded-for'", 'got 7'],
    [
      { trust: [], header: 'a b' },
      "header: must be the name of a header (RFC 9110), got 'a b'",
      '[bad-header]',
    ],
    [
      { trust: [], header: 'Host' },
      "header: must be a header that carries a client address, got 'host'",
      'x-real-ip',
    ],
    [{ ...TRUST, depth: 0 }, 'depth: must be an integer of at least 1, got 0', '[bad-count]'],
    [
      { trust: ['any'], header: 'x-real-ip', depth: 2 },
      'depth: counts the elements of a list',
      "use it with 'x-forwarded-for' or 'forwarded', or leave it out [bad-count]",
    ],
    [{ ...TRUST, required: 1 }, 'required: must be true or false, got 1', '[bad-required]'],
    [
      { ...TRUST, original: ['path'] },
      "original: must be an array of 'proto', 'host', 'port'",
      'write [] for n',
    ],
    [{ ...TRUST, original: 'host' }, "original: must be an array of 'proto', 'host'", "got 'host'"],
    [
      { hops: [{ ...HOP, original: ['x'] }] },
      'hops[0].original: must be an array of',
      '[bad-original]',
    ],
    [
      { ...TRUST, onConflict: 'warn' },
      "onConflict: must be 'ignore' or 'reject', got 'warn'",
      '[bad-on-conflict]',
    ],
  ])('%j is refused with what to write instead', (options, begins, holds) => {
    const message = refusal(options)
    expect(message.slice(0, begins.length)).toBe(begins)
    expect(message).toContain(holds)
  })

  test('is as written where it says nothing', () => {
    const { current } = definePolicy(TRUST)
    expect(current).toMatchObject({ maxHops: 64, onConflict: 'ignore', proxyProtocol: undefined })
    expect(current.asserted).toEqual(['x-forwarded-for'])
    expect(current.hops).toMatchObject([
      { name: 'hop-1', depth: 0, required: false, original: ['proto'] },
    ])
  })
})

describe('the receiver of PROXY headers at the bounds of its settings', () => {
  const using = (proxyProtocol: unknown) => ({
    hops: [{ ...HOP, asserts: 'proxy-protocol' }],
    proxyProtocol,
  })

  test.each<[string, number, number, string, string]>([
    ['timeout', 3000, 600_000, ' (milliseconds)', '; leave it out for 5000'],
    ['maxHeaders', 1, 16, '', '; leave it out for 1'],
    ['maxHeaderBytes', 232, 65_551, ' (bytes)', '; leave it out for 4096'],
    ['maxPending', 1, 1_000_000, '', '; leave it out for 16384'],
    ['maxPendingPerPeer', 1, 1_000_000, '', ''],
  ])('%s is an integer from %i to %i', (key, least, most, unit, otherwise) => {
    for (const value of [least, most]) expect(refusal(using({ [key]: value }))).toBe('accepted')
    for (const value of [least - 1, most + 1, least + 0.5, null]) {
      expect(refusal(using({ [key]: value }))).toBe(
        `proxyProtocol.${key}: must be an integer from ${least} to ${most}${unit}, got ${value}${otherwise} [bad-proxy-protocol]`,
      )
    }
  })

  test.each<[unknown, string]>([
    [true, 'proxyProtocol: must be an object, got true [bad-proxy-protocol]'],
    [{ direct: 'allow' }, "proxyProtocol.direct: must be 'reject' or 'accept', got 'allow'"],
    [{ versions: [] }, 'proxyProtocol.versions: must be a non-empty array'],
    [{ versions: ['1'] }, "proxyProtocol.versions[0]: must be 1 or 2, got '1'"],
    [{ name: '' }, 'proxyProtocol.name: must be a string of 1 to 64 characters'],
    [{ optional: 1 }, 'proxyProtocol.optional: must be true or false, got 1'],
    [{ healthCheckFrom: '10.0.0.1' }, 'proxyProtocol.healthCheckFrom: must be an array'],
    [{ healthCheckFrom: ['10.0.0.300'] }, 'proxyProtocol.healthCheckFrom[0]: '],
  ])('%j is refused', (settings, said) => {
    expect(refusal(using(settings)).slice(0, said.length)).toBe(said)
  })

  test.each([
    [{ direct: 'reject' }],
    [{ direct: 'accept' }],
    [{ optional: true }],
    [{ optional: false }],
    [{ healthCheckFrom: ['10.0.0.1', 'loopback'] }],
    [{}],
    [undefined],
  ])('%j is valid', (settings) => {
    expect(refusal(using(settings))).toBe('accepted')
  })
})

describe('a name', () => {
  test('is a string, not an array of one', () => {
    expect(refusal({ hops: [{ ...HOP, name: ['a'] }] })).toMatch(
      /^hops\[0\]\.name: must be a string/,
    )
  })
})
