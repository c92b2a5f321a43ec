import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ClientIdentity,
  definePolicy,
  type Evidence,
  type PolicyOptions,
  resolve,
} from '../src/portable.js'
import { resolveAgain } from './resolve-again.js'

const numRuns = Number(process.env['TRUEHOP_RUNS'] ?? 300)

/*
 * Requests of many clients on one connection, as behind a proxy that shares its connections: each has
 * to get the answer that it gets alone.
 */

const HOPS = ['10.0.0.5', '10.1.0.1', '64:ff9b::c633:6407', 'unix'] as const
const CLIENTS = [
  '198.51.100.7',
  '2001:db8::7',
  '64:ff9b::c633:6408',
  '"_hidden"',
  'unknown',
  '',
] as const

const node = fc.constantFrom(...HOPS.slice(0, 3), ...CLIENTS)
const scheme = fc.constantFrom('http', 'https', 'ftp')
const host = fc.constantFrom('a.example', 'b.example:8080', '[2001:db8::1]', 'no host')
const many = (one: fc.Arbitrary<string>) =>
  fc.array(one, { minLength: 1, maxLength: 3 }).map((all) => all.join(', '))
const element = fc
  .tuple(node, scheme, host)
  .map(
    ([of, proto, name]) =>
      `for="${of.includes(':') ? `[${of}]` : of}";proto=${proto};host="${name}"`,
  )

const headers = fc.record(
  {
    host,
    ':authority': host,
    'x-forwarded-for': fc.oneof(many(node), fc.constant('x'.repeat(600))),
    forwarded: many(element),
    'x-real-ip': node,
    'cf-connecting-ip': node,
    'x-forwarded-proto': many(scheme),
    'x-forwarded-host': many(host),
    'x-forwarded-port': fc.constantFrom('80', '443', '8443', 'x'),
  },
  { requiredKeys: [] },
)

const tlv = fc.constantFrom('one', 'two').map((id) => ({ type: 5, value: Buffer.from(id) }))
const proxyHeader = fc.record({
  version: fc.constant(2 as const),
  command: fc.constantFrom('PROXY' as const, 'LOCAL' as const),
  family: fc.constant('INET' as const),
  transport: fc.constant('STREAM' as const),
  address: fc.constantFrom('10.1.0.1', '198.51.100.9', '203.0.113.9'),
  tlvs: fc.array(tlv, { maxLength: 1 }),
})
const proxyHeaders = fc.array(
  proxyHeader.map(({ address, ...rest }) =>
    rest.command === 'LOCAL'
      ? { ...rest, source: undefined, destination: undefined }
      : { ...rest, source: { address, port: 1 }, destination: { address: '10.0.0.9', port: 443 } },
  ),
  { maxLength: 2 },
)

const rule = fc.record(
  {
    from: fc.constantFrom(
      ['10.0.0.0/16'],
      ['10.0.0.0/8'],
      ['unix', '10.1.0.0/16'],
      ['198.51.100.0/24'],
    ),
    asserts: fc.constantFrom(
      'x-forwarded-for',
      'forwarded',
      'x-real-ip',
      'proxy-protocol',
      'nothing',
    ),
    required: fc.boolean(),
    depth: fc.constantFrom(1, 2),
    original: fc.subarray(['proto', 'host', 'port'] as const),
  },
  { requiredKeys: ['from', 'asserts'] },
)
const options = fc.record(
  {
    hops: fc.array(rule, { maxLength: 3 }),
    maxHops: fc.constantFrom(1, 3),
    onConflict: fc.constantFrom('ignore' as const, 'reject' as const),
    unmap: fc.constant(['64:ff9b::/96']),
    proxyProtocol: fc.constant({}),
  },
  { requiredKeys: ['hops'] },
)

/** Few of each, so that a sequence repeats them in other company. */
const evidence = fc
  .record({
    peers: fc.uniqueArray(fc.constantFrom<string | undefined>(...HOPS, '198.51.100.1', undefined), {
      minLength: 1,
      maxLength: 2,
    }),
    headers: fc.array(headers, { minLength: 1, maxLength: 2 }),
    // What one connection received; it stays the same object.
    received: fc.uniqueArray(fc.option(proxyHeaders, { nil: undefined }), {
      minLength: 1,
      maxLength: 2,
    }),
  })
  .chain((few) =>
    fc.array(
      fc.record({
        peer: fc.constantFrom(...few.peers),
        peerPort: fc.constantFrom(1, 2),
        headers: fc.constantFrom(...few.headers),
        // Of a header that policies read, or that only some of them do, the text of another request.
        other: headers,
        mixed: fc.subarray([
          'forwarded',
          'x-real-ip',
          'x-forwarded-proto',
          'cf-connecting-ip',
          'host',
        ]),
        proxyHeaders: fc.constantFrom(...few.received),
        received: fc.constantFrom(true, true, false, undefined),
        headersTruncated: fc.constantFrom(false, false, false, true),
        encrypted: fc.boolean(),
        times: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 2, maxLength: 10 },
    ),
  )

type Asked = typeof evidence extends fc.Arbitrary<(infer One)[]> ? One : never

function evidenceOf({ other, mixed, times: _, ...asked }: Asked): Evidence {
  const taken = Object.entries(other).filter(([name]) => mixed.some((each) => each === name))
  return { ...asked, headers: { ...asked.headers, ...Object.fromEntries(taken) } }
}

/** All that can be read off an identity. */
function facts(identity: ClientIdentity) {
  const { status, reason, source, rule, peer, peerPort, hops, nodes } = identity
  const { ip, port, protocol, host: name, tlvs } = identity
  const common = { status, reason, source, rule, peer, peerPort, hops, nodes }
  const all = { ...common, ip, address: identity.address?.text, port, protocol, host: name, tlvs }
  if (identity.status === 'resolved') return all
  return { ...all, entry: identity.entry, lastTrustedHop: identity.lastTrustedHop }
}

function policyOf(given: PolicyOptions) {
  try {
    return definePolicy(given)
  } catch {
    return undefined
  }
}

test('each request on a connection gets the answer that it gets alone', () => {
  let remembered = 0
  let undetermined = 0
  fc.assert(
    fc.property(options, evidence, (given, sequence) => {
      const policy = policyOf(given as PolicyOptions)
      fc.pre(policy !== undefined)
      const connection = {}
      const answers: [ClientIdentity, object][] = []
      for (const asked of sequence) {
        for (let i = 0; i < asked.times; i++) {
          const again = resolveAgain(policy, evidenceOf(asked), connection)
          const alone = facts(resolve(policy, evidenceOf(asked)))
          answers.push([again, alone])
          // Half of them are read at once, and the others after all later requests.
          if (i % 2 === 0) expect(facts(again)).toEqual(alone)
          if (again.status === 'undetermined') undetermined++
          if (i > 0) remembered++
        }
      }
      for (const [identity, alone] of answers) expect(facts(identity)).toEqual(alone)
    }),
    { numRuns },
  )
  expect(Math.min(remembered, undetermined)).toBeGreaterThan(numRuns / 2)
})
