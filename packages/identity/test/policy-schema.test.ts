import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { policySchema } from '../src/policy/schema.js'
import { definePolicy, type PolicyOptions } from '../src/portable.js'
import { rangesSettings } from '../src/ranges/read-ranges.js'

const published: unknown = JSON.parse(
  readFileSync(new URL('../policy.schema.json', import.meta.url), 'utf8'),
)
const accepts = new Ajv2020.default({ strict: false }).compile(published as object)

function isPolicy(options: unknown): boolean {
  try {
    definePolicy(options as PolicyOptions)
    return true
  } catch {
    return false
  }
}

const RULE = { from: ['10.0.0.0/8', 'unix'], asserts: 'x-forwarded-for' }

describe('the published schema', () => {
  test('is the one that the code gives', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(policySchema())))
  })

  test.each<[unknown, boolean]>([
    [{ hops: [RULE] }, true],
    [{ hops: [] }, true],
    [{ trust: ['loopback'], header: 'X-Real-IP' }, true],
    [{ hops: [{ ...RULE, depth: 2, required: true, original: ['proto'] }], maxHops: 3 }, true],
    [{ hops: [{ ...RULE, asserts: 'proxy-protocol' }], proxyProtocol: { timeout: 5000 } }, true],
    [{ trust: ['loopback'], header: 'forwarded', depth: 1, onConflict: 'reject' }, true],
    [{}, false],
    [{ trust: ['loopback'] }, false],
    [{ hops: RULE }, false],
    [{ hops: [RULE], trust: ['loopback'], header: 'forwarded' }, false],
    [{ hops: [RULE], depth: 1 }, false],
    [{ hops: [{ asserts: 'forwarded' }] }, false],
    [{ hops: [{ ...RULE, from: '10.0.0.0/8' }] }, false],
    [{ hops: [{ ...RULE, from: ['*'] }] }, false],
    [{ hops: [{ ...RULE, asserts: 'no header' }] }, false],
    [{ hops: [{ ...RULE, depth: 0 }] }, false],
    [{ hops: [{ ...RULE, depth: 1.5 }] }, false],
    [{ hops: [{ ...RULE, required: 'yes' }] }, false],
    [{ hops: [{ ...RULE, original: ['path'] }] }, false],
    [{ hops: [{ ...RULE, name: '' }] }, false],
    [{ hops: [{ ...RULE, form: [] }] }, false],
    [{ hops: [{ ...RULE, asserts: 'x-peer', custom: true, form: 'address:port' }] }, true],
    [{ hops: [{ ...RULE, asserts: 'x-peer' }] }, false],
    [{ hops: [{ ...RULE, asserts: 'x-peer', custom: false }] }, false],
    [{ trust: ['cgnat'], header: 'x-peer' }, false],
    [{ trust: ['cgnat'], header: 'CloudFront-Viewer-Address' }, true],
    [{ hops: [RULE], unmap: ['64:ff9b::/96'] }, true],
    [{ hops: [RULE], unmap: ['64:ff9b::/95'] }, false],
    [{ hops: [RULE], unmap: '64:ff9b::/96' }, false],
    [{ hops: [RULE], proxyProtocol: { healthCheckFrom: [] } }, false],
    [{ hops: [RULE], proxyProtocol: { versions: [2], name: 'public 443' } }, true],
    [{ hops: [RULE], proxyProtocol: { versions: [] } }, false],
    [{ hops: [RULE], proxyProtocol: { versions: [0] } }, false],
    [{ hops: [RULE], proxyProtocol: { name: '' } }, false],
    [{ hops: [RULE], proxyProtocol: { healthCheckFrom: ['10.0.0.1'] } }, true],
    [{ hops: [RULE], maxHops: 0 }, false],
    [{ hops: [RULE], proxyProtocol: { timeout: 10 } }, false],
    [{ hops: [RULE], proxyProtocol: { direct: 'allow' } }, false],
    [{ hops: [RULE], onConflict: 'warn' }, false],
  ])('and definePolicy agree on %j: %s', (options, good) => {
    expect([accepts(options), isPolicy(options)]).toEqual([good, good])
  })

  test('knows the ranges that a file can write', () => {
    const from = [{ url: 'https://api.example/ips', format: 'cloudflare', keep: '/var/lib/x.json' }]
    expect(accepts({ hops: [{ ...RULE, from }] })).toBe(true)
    expect(accepts({ hops: [{ ...RULE, from: [{ format: 'lines' }] }] })).toBe(false)
  })

  /** Values at and beyond the bounds of every option of live ranges, and of other kinds. */
  const odd = fc.constantFrom(null, true, '1', '', [], {}, 0.5)
  const around = (least: number, most: number) =>
    fc.oneof(fc.constantFrom(least - 1, least, most, most + 1), odd)
  const ranges = fc.record(
    {
      url: fc.constantFrom('https://a.example/x', 'http://a.example/x', 'http://127.0.0.1:81/', 5),
      format: fc.constantFrom('lines', 'cloudflare', 'csv', 1),
      name: fc.oneof(fc.constant('edge'), odd),
      refresh: around(1, 604_800),
      minimum: around(1, 2_000_000),
      maximumShrink: fc.oneof(fc.constantFrom(-0.1, 0, 1, 1.1), odd),
      staleAfter: around(1, 315_360_000),
      keep: fc.oneof(fc.constant('/var/lib/x.json'), odd),
      widest: fc.oneof(
        fc.record({ ipv4: around(1, 32) }),
        fc.record({ ipv6: around(1, 128) }),
        odd,
      ),
      initial: fc.oneof(
        fc.record({
          entries: fc.constantFrom(['192.0.2.0/24'], [], '192.0.2.0/24', [5]),
          date: fc.constantFrom('2026-01-31', '2026-13-01', 'yesterday', 5),
        }),
        odd,
      ),
      colour: fc.constant('red'),
    },
    { requiredKeys: ['url', 'format'] },
  )

  test('takes of live ranges exactly what the loader takes', () => {
    const takes = (options: unknown): boolean => {
      try {
        rangesSettings(options)
        return true
      } catch {
        return false
      }
    }
    fc.assert(
      fc.property(ranges, (options) => {
        expect(accepts({ hops: [{ ...RULE, from: [options] }] })).toBe(takes(options))
      }),
      { numRuns: 1000 },
    )
  })

  /** One in ten is wrong, so that many a whole policy is right but for one value. */
  const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<unknown> = odd) =>
    fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: fc.oneof(bad, odd) })
  /**
   * Names of headers that are known, unknown, near misses, or none; what the schema cannot say stands
   * in its docblock, and is left out here: names of rules are unique, a header has one form.
   */
  const header = mostly(
    fc.constantFrom(
      'x-forwarded-for',
      'X-Forwarded-For',
      'forwarded',
      'proxy-protocol',
      'nothing',
      'x-real-ip',
      'cloudfront-viewer-address',
    ),
    fc.constantFrom('host', 'x-peer', 'no header'),
  )
  const from = mostly(
    fc.subarray(['10.0.0.0/8', 'unix', 'any', 'event', 'cgnat', '2001:db8::/32'], { minLength: 1 }),
    fc.subarray(['10.0.0.0/8', '*', '10.0.0.0/33']),
  )
  const extras = {
    depth: mostly(fc.constantFrom(1, 2, 65_536), fc.constant(0)),
    required: mostly(fc.boolean()),
    original: mostly(fc.subarray(['proto', 'host', 'port']), fc.constant(['path'])),
    form: mostly(fc.constantFrom('address', 'address:port'), fc.constant('port')),
    custom: mostly(fc.boolean()),
  }
  const common = {
    maxHops: mostly(fc.constantFrom(1, 65_536), fc.constantFrom(0, 65_537)),
    onConflict: mostly(fc.constantFrom('reject', 'ignore'), fc.constant('warn')),
    unmap: mostly(fc.constant(['64:ff9b::/96']), fc.constantFrom(['64:ff9b::/95'], ['10.0.0.0/8'])),
  }
  const misspelt = { colour: fc.constant('red') }
  const rule = fc.oneof(
    fc.record({ asserts: header, from }),
    fc.record({ asserts: header, from, ...extras }, { requiredKeys: ['asserts', 'from'] }),
    fc.record({ asserts: header, from, ...misspelt }, { requiredKeys: ['asserts', 'from'] }),
  )
  const platform = fc.record(
    {
      platform: mostly(
        fc.constantFrom('render', 'aws-alb', 'nginx', 'fly', 'pm2', 'passenger'),
        fc.constant('elsewhere'),
      ),
      from,
      header,
      name: mostly(fc.constant('edge')),
    },
    { requiredKeys: ['platform'] },
  )
  const policy = fc.oneof(
    fc.record({ hops: fc.array(fc.oneof(rule, platform), { maxLength: 1 }) }),
    fc.record(
      { hops: fc.array(rule, { maxLength: 1 }), ...common, ...misspelt },
      { requiredKeys: ['hops'] },
    ),
    fc.record({ trust: from, header, ...extras }, { requiredKeys: ['trust', 'header'] }),
    fc.record({ trust: from, header, ...common }, { requiredKeys: ['trust', 'header'] }),
  )

  test('takes of rules, platforms and policies exactly what the loader takes', () => {
    fc.assert(
      fc.property(policy, (options) => {
        expect([accepts(options), options]).toEqual([isPolicy(options), options])
      }),
      { numRuns: 5000 },
    )
  })

  test('takes of the PROXY settings exactly what the loader takes', () => {
    const settings = fc.record(
      {
        timeout: around(3000, 600_000),
        maxHeaders: around(1, 16),
        maxHeaderBytes: around(232, 65_551),
        maxPending: around(1, 1_000_000),
        maxPendingPerPeer: around(1, 1_000_000),
        direct: fc.constantFrom('reject', 'accept', 'allow'),
        optional: fc.oneof(fc.boolean(), odd),
        healthCheckFrom: fc.constantFrom([], ['10.0.0.1'], ['cgnat'], ['*'], '10.0.0.1'),
        colour: fc.constant('red'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(settings, (proxyProtocol) => {
        const options = { hops: [{ ...RULE, asserts: 'proxy-protocol' }], proxyProtocol }
        expect(accepts(options)).toBe(isPolicy(options))
      }),
      { numRuns: 1000 },
    )
  })
})
