import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { policySchema } from '../src/policy/schema.js'
import { definePolicy, type PolicyOptions } from '../src/portable.js'

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
  it('is the one that the code gives', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(policySchema())))
  })

  it.each<[unknown, boolean]>([
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
    [{ hops: [RULE], maxHops: 0 }, false],
    [{ hops: [RULE], proxyProtocol: { timeout: 10 } }, false],
    [{ hops: [RULE], proxyProtocol: { direct: 'allow' } }, false],
    [{ hops: [RULE], onConflict: 'warn' }, false],
  ])('and definePolicy agree on %j: %s', (options, good) => {
    expect([accepts(options), isPolicy(options)]).toEqual([good, good])
  })

  it('knows the ranges that a file can write', () => {
    const from = [{ url: 'https://api.example/ips', format: 'cloudflare', keep: '/var/lib/x.json' }]
    expect(accepts({ hops: [{ ...RULE, from }] })).toBe(true)
    expect(accepts({ hops: [{ ...RULE, from: [{ format: 'lines' }] }] })).toBe(false)
  })
})
