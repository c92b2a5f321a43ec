import { inspect } from 'node:util'
import { type Address, parseAddress } from '@truehop/ip'
import { describe, expect, test } from 'vitest'
import { definePolicy, fromTrustProxy, PolicyError, type PolicyOptions } from '../src/portable.js'

const HOP = { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }
const HOP_SHORT = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }

function at(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

/** `code` at `path`: the message. */
function refusal(options: unknown): string {
  try {
    definePolicy(options as PolicyOptions)
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    return `${error.code} at ${error.path}`
  }
  return 'accepted'
}

function message(options: unknown): string {
  try {
    definePolicy(options as PolicyOptions)
  } catch (error) {
    return String(error)
  }
  return ''
}

describe('a policy is refused at start-up', () => {
  test.each<[unknown, string]>([
    [undefined, 'bad-policy at '],
    ['10.0.0.0/8', 'bad-policy at '],
    [[], 'bad-policy at '],
    [{}, 'missing-hops at '],
    [{ maxHops: 3 }, 'missing-hops at '],
    [{ trustProxy: true }, 'unknown-option at trustProxy'],
    [{ hops: HOP }, 'bad-hops at hops'],
    [{ hops: [true] }, 'bad-hops at hops[0]'],
    [{ hops: new Array(1) }, 'bad-hops at hops[0]'],
    [{ hops: [{ ...HOP, from: new Array(1) }] }, 'bad-from at hops[0].from[0]'],
    [{ hops: [{ ...HOP, original: new Array(1) }] }, 'bad-original at hops[0].original'],
    [{ hops: [HOP], trust: ['10.0.0.0/8'] }, 'unknown-option at trust'],
    [{ hops: [HOP, { ...HOP, shape: [] }] }, 'unknown-option at hops[1].shape'],
    [{ hops: [HOP, { ...HOP, form: [] }] }, 'bad-form at hops[1].form'],
    [{ hops: [{ ...HOP, form: 'address' }] }, 'bad-form at hops[0].form'],
    [
      { hops: [{ ...HOP, asserts: 'cloudfront-viewer-address', form: 'address' }] },
      'bad-form at hops[0].form',
    ],
    [{ hops: [{ ...HOP, asserts: 'x-peer', custom: 1 }] }, 'bad-header at hops[0].custom'],
    [{ trust: 1 }, 'bad-from at trust'],
    [{ ...HOP_SHORT, unmap: ['10.0.0.0/8'] }, 'bad-unmap at unmap[0]'],
    [{ ...HOP_SHORT, unmap: ['64:ff9b::/95'] }, 'bad-unmap at unmap[0]'],
    [{ ...HOP_SHORT, unmap: ['nat64'] }, 'bad-unmap at unmap[0]'],
    [{ hops: [{ asserts: 'x-forwarded-for' }] }, 'missing-from at hops[0].from'],
    [{ hops: [{ ...HOP, from: '10.0.0.0/8' }] }, 'bad-from at hops[0].from'],
    [{ hops: [{ ...HOP, from: [10] }] }, 'bad-from at hops[0].from[0]'],
    [{ hops: [{ ...HOP, from: ['10.0.0.0/8', '1'] }] }, 'bad-cidr at hops[0].from[1]'],
    [{ hops: [{ ...HOP, from: ['*'] }] }, 'bad-cidr at hops[0].from[0]'],
    [{ hops: [{ ...HOP, from: ['Loopback'] }] }, 'bad-cidr at hops[0].from[0]'],
    [{ hops: [{ ...HOP, from: ['10.0.0.0/33'] }] }, 'bad-prefix at hops[0].from[0]'],
    [{ hops: [{ ...HOP, from: ['10.0.0.0/255.0.0.0'] }] }, 'bad-prefix at hops[0].from[0]'],
    [{ hops: [{ from: ['any'] }] }, 'bad-asserts at hops[0].asserts'],
    [{ hops: [{ ...HOP, asserts: 'x forwarded for' }] }, 'bad-header at hops[0].asserts'],
    [{ hops: [{ ...HOP, asserts: '' }] }, 'bad-header at hops[0].asserts'],
    [{ hops: [{ ...HOP, asserts: 'Host' }] }, 'bad-header at hops[0].asserts'],
    [{ hops: [{ ...HOP, asserts: 'proxy_protocol' }] }, 'bad-header at hops[0].asserts'],
    [{ hops: [{ ...HOP, asserts: 'ProxyProtocol' }] }, 'bad-header at hops[0].asserts'],
    [{ hops: [{ ...HOP, asserts: 'X_Forwarded_For' }] }, 'bad-header at hops[0].asserts'],
    [{ trust: ['10.0.0.0/8'], header: 'xForwardedFor' }, 'bad-header at header'],
    [{ hops: [{ ...HOP, asserts: '__proto__' }] }, 'bad-header at hops[0].asserts'],
    [{ hops: [{ ...HOP, depth: 0 }] }, 'bad-count at hops[0].depth'],
    [{ hops: [{ ...HOP, depth: Number.NaN }] }, 'bad-count at hops[0].depth'],
    [{ hops: [{ ...HOP, depth: '2' }] }, 'bad-count at hops[0].depth'],
    [{ hops: [{ ...HOP, depth: 1.5 }] }, 'bad-count at hops[0].depth'],
    [{ hops: [{ ...HOP, asserts: 'x-real-ip', depth: 1 }] }, 'bad-count at hops[0].depth'],
    [{ hops: [{ ...HOP, asserts: 'proxy-protocol', depth: 1 }] }, 'bad-count at hops[0].depth'],
    [{ hops: [{ ...HOP, required: 'yes' }] }, 'bad-required at hops[0].required'],
    [{ hops: [{ ...HOP, name: '' }] }, 'bad-name at hops[0].name'],
    [
      {
        hops: [
          { ...HOP, name: 'a' },
          { ...HOP, name: 'a' },
        ],
      },
      'bad-name at hops[1].name',
    ],
    [{ hops: [HOP], maxHops: 0 }, 'bad-max-hops at maxHops'],
    [{ hops: [HOP], maxHops: Infinity }, 'bad-max-hops at maxHops'],
    [{ trust: true, header: 'x-forwarded-for' }, 'bad-from at trust'],
    [{ trust: 1, header: 'x-forwarded-for' }, 'bad-from at trust'],
    [{ trust: ['10.0.0.0/8'] }, 'bad-asserts at header'],
    [{ header: 'x-forwarded-for', depth: 2 }, 'missing-from at trust'],
    [{ hops: [HOP], proxyProtocol: true }, 'bad-proxy-protocol at proxyProtocol'],
    [
      { hops: [HOP], proxyProtocol: { timeout: 10 } },
      'bad-proxy-protocol at proxyProtocol.timeout',
    ],
    [
      { hops: [HOP], proxyProtocol: { direct: 'allow' } },
      'bad-proxy-protocol at proxyProtocol.direct',
    ],
    [
      { hops: [HOP], proxyProtocol: { optional: 1 } },
      'bad-proxy-protocol at proxyProtocol.optional',
    ],
    [
      { hops: [HOP], proxyProtocol: { maxHeaders: 0 } },
      'bad-proxy-protocol at proxyProtocol.maxHeaders',
    ],
    [{ hops: [HOP], proxyProtocol: { wait: 1 } }, 'unknown-option at proxyProtocol.wait'],
  ])('%j: %s', (options, expected) => {
    expect(refusal(options)).toBe(expected)
  })

  test('with an error that says what to write instead', () => {
    expect(message({ trust: true, header: 'x-forwarded-for' })).toContain("write ['10.0.0.0/8'")
    expect(message({ header: 'x-forwarded-for', depth: 2 })).toContain(
      "['any'] to trust every peer",
    )
    expect(message({ hops: [{ ...HOP, from: ['1'] }] })).toContain('"1"')
  })
})

describe('a policy is read as written', () => {
  test('names rules in policy order where they have no name', () => {
    const { hops } = definePolicy({ hops: [HOP, { ...HOP, name: 'edge' }, HOP] }).current
    expect(hops.map((hop) => hop.name)).toEqual(['hop-1', 'edge', 'hop-3'])
  })

  test('takes header names in any case', () => {
    const { hops } = definePolicy({ trust: ['loopback'], header: 'CF-Connecting-IP' }).current
    expect(hops.map((hop) => [hop.asserts, hop.kind])).toEqual([['cf-connecting-ip', 'single']])
  })

  test('trusts nobody with no rules', () => {
    expect(definePolicy({ hops: [] }).current.hops).toEqual([])
  })

  test('warns of host bits and masks them', () => {
    const { hops, warnings } = definePolicy({ trust: ['10.1.2.3/8'], header: 'forwarded' }).current
    expect(hops[0]?.from.has(at('10.255.0.1'))).toBe(true)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('10.1.2.3/8')
  })

  test('asks every peer that a proxy-protocol rule names for a PROXY header, and nobody else', () => {
    const { proxyProtocol } = definePolicy({
      hops: [
        { from: ['10.0.0.0/16'], asserts: 'proxy-protocol' },
        { from: ['unix'], asserts: 'proxy-protocol' },
        { from: ['192.0.2.1'], asserts: 'x-forwarded-for' },
      ],
      proxyProtocol: { timeout: 4000, direct: 'accept' },
    }).current
    expect(proxyProtocol).toMatchObject({ timeout: 4000, direct: 'accept' })
    expect(proxyProtocol?.from.has('unix')).toBe(true)
    expect(proxyProtocol?.from.has(at('10.0.1.1'))).toBe(true)
    expect(proxyProtocol?.from.has(at('192.0.2.1'))).toBe(false)
  })

  test('cannot be changed through the objects it was written with', () => {
    const from = ['10.0.0.0/8']
    const policy = definePolicy({ hops: [{ from, asserts: 'x-forwarded-for' }] })
    from.push('any')
    expect(policy.current.hops[0]?.entries).toEqual(['10.0.0.0/8'])
    expect(policy.current.hops[0]?.from.has(at('192.0.2.1'))).toBe(false)
    expect(Object.isFrozen(policy.current) && Object.isFrozen(policy.current.hops)).toBe(true)
  })
})

describe('a header that is nearly a known one', () => {
  const define = (asserts: string, custom?: boolean) =>
    definePolicy({ hops: [{ ...HOP, asserts, ...(custom === undefined ? {} : { custom }) }] })

  test.each([
    ['x-forwared-for', 'x-forwarded-for'],
    ['forwarded-for', 'x-forwarded-for'],
    ['x-forwarded', 'forwarded'],
    ['x-real_ip', 'x-real-ip'],
    ['cf-connecting-ipp', 'cf-connecting-ip'],
    ['ture-client-ip', 'true-client-ip'],
    ['proxy_protocol', 'proxy-protocol'],
  ])('%s is refused, custom or not, and %s is named', (asserts, meant) => {
    const refusal = expect.objectContaining({
      code: 'bad-header',
      path: 'hops[0].asserts',
      message: expect.stringContaining(`write '${meant}'`),
    })
    expect(() => define(asserts)).toThrow(refusal)
    expect(() => define(asserts, true)).toThrow(refusal)
  })

  test('is another than one that nobody knows, which custom: true admits', () => {
    expect(() => define('x-edge-visitor')).toThrow('add custom: true')
    expect(define('x-edge-visitor', true).current.hops[0]?.asserts).toBe('x-edge-visitor')
  })
})

describe('a policy in a log', () => {
  test('is its rules, however it was made', () => {
    const made = [definePolicy(HOP_SHORT), fromTrustProxy('10.0.0.0/8')]
    for (const policy of made) {
      expect(inspect(policy)).toBe('Policy(hop-1: x-forwarded-for)')
      expect(JSON.parse(JSON.stringify({ policy }))).toEqual({
        policy: {
          version: 1,
          since: policy.status().since,
          hops: [{ name: 'hop-1', asserts: 'x-forwarded-for', ranges: [] }],
        },
      })
    }
    expect(inspect(fromTrustProxy(false))).toBe('Policy(trusts nobody)')
  })
})
