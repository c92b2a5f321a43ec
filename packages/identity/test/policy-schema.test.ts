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

  /** Values at and beyond the bounds of every option of living ranges, and of other kinds. */
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

  test('takes of living ranges exactly what the loader takes', () => {
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
