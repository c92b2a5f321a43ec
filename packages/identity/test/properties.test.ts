import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { definePolicy, type Evidence, explain, resolve } from '../src/portable.js'
import { type ReferenceEvidence, referenceWalk } from './reference-walk.js'

/** Runs of each property; the long script raises it. */
const numRuns = Number(process.env['TRUEHOP_RUNS'] ?? 2000)

/** Few addresses, so that chains of trusted hops come about often. */
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.1.0.1', '172.16.0.1', '192.0.2.1')
const prefix = fc.constantFrom(
  '10.0.0.0/16',
  '10.0.0.0/8',
  '10.0.0.1',
  '172.16.0.0/12',
  '0.0.0.0/0',
)
const garbage = fc.constantFrom(
  'unknown',
  '_hidden',
  '0.0.0.0',
  '230.0.0.1',
  '255.255.255.255',
  '10.0.0.256',
  '010.0.0.1',
  'x',
)
const entry = fc.oneof({ weight: 6, arbitrary: address }, { weight: 1, arbitrary: garbage })
const gap = fc.constantFrom(',', ', ', ' ,\t', ',,', ' , , ')

const list = (element: (text: string) => string) =>
  fc
    .array(fc.tuple(entry, gap), { maxLength: 5 })
    .map((parts) => parts.map(([text, comma]) => element(text) + comma).join(''))

const rule = fc.record(
  {
    from: fc.array(prefix, { minLength: 1, maxLength: 2 }),
    asserts: fc.constantFrom('proxy-protocol', 'x-forwarded-for', 'forwarded', 'x-real-ip'),
    required: fc.boolean(),
  },
  { requiredKeys: ['from', 'asserts'] },
)
const deep = fc.record({
  from: fc.array(prefix, { minLength: 1, maxLength: 2 }),
  asserts: fc.constantFrom('x-forwarded-for', 'forwarded'),
  depth: fc.integer({ min: 1, max: 4 }),
})
const rules = fc.array(fc.oneof({ weight: 4, arbitrary: rule }, deep), { maxLength: 4 })

const evidence: fc.Arbitrary<ReferenceEvidence> = fc.record({
  peer: fc.oneof({ weight: 9, arbitrary: address }, fc.constantFrom('0.0.0.0', '239.255.255.250')),
  headers: fc.record(
    {
      'x-forwarded-for': list((text) => text),
      forwarded: list((text) => `for=${text}`),
      'x-real-ip': fc.oneof(entry, fc.constant('10.0.0.1, 10.0.0.2'), fc.constant(' ')),
    },
    { requiredKeys: [] },
  ),
  proxyHeaders: fc.array(fc.option(address, { freq: 4 }), { maxLength: 3 }),
})

function proxyHeader(source: string | null): ProxyHeader {
  if (source === null) {
    return { version: 2, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC', tlvs: [] }
  }
  return {
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address: source, port: 1 },
    destination: { address: '10.9.9.9', port: 2 },
    tlvs: [],
  }
}

function given(from: ReferenceEvidence): Evidence {
  return { ...from, proxyHeaders: from.proxyHeaders.map(proxyHeader) }
}

function answer(policy: ReturnType<typeof definePolicy>, from: Evidence): string {
  const identity = resolve(policy, from)
  return identity.status === 'resolved' ? identity.ip : 'undetermined'
}

describe('the walk', () => {
  test('answers as the plain reference does', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 6 }), evidence, (hops, maxHops, from) => {
        const identity = resolve(definePolicy({ hops, maxHops }), given(from))
        const found = { client: identity.ip ?? 'undetermined', nodes: identity.nodes }
        expect(found).toEqual(referenceWalk(hops, maxHops, from))
      }),
      { numRuns },
    )
  })

  // Nodes are read again when they are asked for: quotes must pair as they did in the walk.
  const quoted = fc
    .array(
      fc.constantFrom('for=10.0.0.1', 'for="10.0.0.2"', 'for=192.0.2.1', '"', '\\', ',', ';'),
      {
        maxLength: 12,
      },
    )
    .map((pieces) => pieces.join(''))
  const translated = fc.constantFrom('64:ff9b::a00:1', '64:ff9b::c000:201', '2001:db8::1', '::')
  const manyForms = fc
    .array(fc.oneof(address, translated, garbage), { maxLength: 5 })
    .map((entries) => entries.join(','))

  test('names the nodes that its trace shows, before and after others ask', () => {
    const headers = fc.record({ forwarded: quoted, 'x-forwarded-for': manyForms })
    fc.assert(
      fc.property(rules, address, headers, fc.boolean(), (hops, peer, given, unmaps) => {
        const policy = definePolicy({ hops, ...(unmaps && { unmap: ['64:ff9b::/96'] }) })
        const { identity, steps } = explain(policy, { peer, headers: given, proxyHeaders: [] })
        const { entry } = identity as { readonly entry?: string }
        const reached = steps.flatMap(({ next }) => next ?? [])
        expect(identity.nodes).toEqual([peer, ...reached].reverse())
        expect((identity as { readonly entry?: string }).entry).toBe(entry)
      }),
      { numRuns },
    )
  })

  const anyText = fc.oneof(
    fc.string(),
    list((text) => text),
    list((text) => `for="${text}"`),
  )
  const anyHeaders = fc.record({
    'x-forwarded-for': anyText,
    forwarded: anyText,
    'x-real-ip': anyText,
    'cf-connecting-ip': anyText,
  })

  test('gives an untrusted peer itself, whatever it sends', () => {
    const policy = definePolicy({
      hops: ['proxy-protocol', 'x-forwarded-for', 'forwarded', 'x-real-ip'].map((asserts) => ({
        from: ['10.0.0.0/8', '2001:db8::/32', 'unix'],
        asserts,
      })),
    })
    const peer = fc.oneof(fc.ipV4(), fc.constant('2001:db9::1'))
    fc.assert(
      fc.property(peer, anyHeaders, fc.array(address), (from, headers, sources) => {
        const octet = Number(from.split('.')[0])
        // 10/8 is trusted; multicast, 0.0.0.0 and broadcast are nobody's.
        fc.pre(octet !== 10 && octet !== 0 && !(octet >= 224 && octet < 240) && octet !== 255)
        const proxyHeaders = sources.map(proxyHeader)
        expect(answer(policy, { peer: from, headers, proxyHeaders })).toBe(from)
      }),
      { numRuns },
    )
  })

  test('is not changed by text left of the first untrusted node', () => {
    const trusted = fc.array(fc.constantFrom('10.0.0.1', '10.1.0.1:80'), { maxLength: 4 })
    const cases: [string, (text: string) => string][] = [
      ['x-forwarded-for', (text) => text],
      ['forwarded', (text) => `for="${text}"`],
    ]
    for (const [header, element] of cases) {
      const policy = definePolicy({ trust: ['10.0.0.0/8'], header })
      fc.assert(
        fc.property(fc.string(), trusted, (poison, hops) => {
          const chain = ['198.51.100.7', ...hops].map(element).join(', ')
          const headers = { [header]: `${poison}, ${chain}` }
          expect(answer(policy, { peer: '10.0.0.9', headers })).toBe('198.51.100.7')
        }),
        { numRuns },
      )
    }
  })

  test('never throws on evidence, and names only addresses', () => {
    const policy = definePolicy({
      hops: ['proxy-protocol', 'forwarded', 'x-forwarded-for', 'x-real-ip'].map((asserts) => ({
        from: ['any'],
        asserts,
      })),
    })
    fc.assert(
      fc.property(fc.oneof(fc.string(), address), anyHeaders, (peer, headers) => {
        expect(answer(policy, { peer, headers })).toMatch(/^undetermined$|^[0-9a-f.:]+$/)
      }),
      { numRuns },
    )
  })
})
