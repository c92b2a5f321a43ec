import { describe, expect, test } from 'vitest'
import { definePolicy, explain, formatExplanation, resolve } from '../src/portable.js'

const policy = definePolicy({
  hops: [
    { name: 'nlb', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' },
    { name: 'nginx', from: ['10.1.0.0/16'], asserts: 'x-forwarded-for' },
  ],
})
const evidence = {
  peer: '10.0.0.5',
  headers: {
    'x-forwarded-for': '6.6.6.6, 198.51.100.7',
    'x-real-ip': '6.6.6.9',
    'true-client-ip': '\u001b[2J',
  },
  proxyHeaders: [
    {
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '10.1.0.3', port: 51442 },
      destination: { address: '10.0.0.9', port: 443 },
      tlvs: [],
    } as const,
  ],
}

describe('an explanation', () => {
  test('has every entry that was read, the rule that trusts its sender, and what was ignored', () => {
    expect(explain(policy, evidence)).toEqual({
      identity: resolve(policy, evidence),
      steps: [
        {
          node: '10.0.0.5',
          port: undefined,
          rule: 'nlb',
          asserts: 'proxy-protocol',
          entry: 'v2 PROXY INET STREAM 10.1.0.3:51442 > 10.0.0.9:443',
          next: '10.1.0.3',
          ends: undefined,
        },
        {
          node: '10.1.0.3',
          port: 51442,
          rule: 'nginx',
          asserts: 'x-forwarded-for',
          entry: '198.51.100.7',
          next: '198.51.100.7',
          ends: undefined,
        },
      ],
      ignored: [
        { source: 'x-forwarded-for', text: '6.6.6.6', why: 'beyond-the-client' },
        { source: 'x-real-ip', text: '6.6.6.9', why: 'no-rule' },
        { source: 'true-client-ip', text: '\u001b[2J', why: 'no-rule' },
      ],
      conflicts: [{ source: 'x-real-ip', claims: '6.6.6.9' }],
      original: {
        protocol: undefined,
        host: undefined,
        protocolSource: undefined,
        hostSource: undefined,
        portSource: undefined,
        ignored: [],
      },
    })
  })

  test('says of an untrusted peer that it may not assert anything', () => {
    const { ignored } = explain(policy, { ...evidence, peer: '192.0.2.1' })
    expect(ignored.map(({ source, why }) => [source, why])).toEqual([
      ['proxy-protocol', 'sender-untrusted'],
      ['x-forwarded-for', 'sender-untrusted'],
      ['x-real-ip', 'no-rule'],
      ['true-client-ip', 'no-rule'],
    ])
  })

  test('bounds what it repeats of long claims', () => {
    const headers = { 'x-forwarded-for': 'a'.repeat(16_384) }
    const { ignored } = explain(policy, { peer: '192.0.2.1', headers })
    expect(ignored[0]?.text).toHaveLength(256)
  })

  test('repeats 256 characters whole, and of more the end', () => {
    const text = (length: number) => {
      const headers = { 'x-forwarded-for': `${'a'.repeat(length - 1)}b` }
      return explain(policy, { peer: '192.0.2.1', headers }).ignored[0]?.text
    }
    expect(text(256)).toBe(`${'a'.repeat(255)}b`)
    expect(text(257)).toBe(`…${'a'.repeat(254)}b`)
  })

  test('lists evidence once that two rules read', () => {
    const twice = definePolicy({
      hops: [
        { from: ['10.0.0.0/16'], asserts: 'x-forwarded-for' },
        { from: ['10.1.0.0/16'], asserts: 'x-forwarded-for' },
      ],
    })
    const headers = { 'x-forwarded-for': '6.6.6.6' }
    expect(explain(twice, { peer: '192.0.2.1', headers }).ignored).toEqual([
      { source: 'x-forwarded-for', text: '6.6.6.6', why: 'sender-untrusted' },
    ])
  })

  test('lists PROXY headers that no rule reads, in the order of the wire, and none of none', () => {
    const headersOnly = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const [first] = evidence.proxyHeaders
    const second = { ...first, version: 1 } as const
    const ignored = (more: object) => explain(headersOnly, { peer: '192.0.2.1', ...more }).ignored
    expect(ignored(first === undefined ? {} : { proxyHeaders: [first, second] })).toEqual([
      {
        source: 'proxy-protocol',
        text: 'v2 PROXY INET STREAM 10.1.0.3:51442 > 10.0.0.9:443, v1 PROXY INET STREAM 10.1.0.3:51442 > 10.0.0.9:443',
        why: 'no-rule',
      },
    ])
    expect(ignored({})).toEqual([])
    expect(ignored({ proxyHeaders: [] })).toEqual([])
  })

  test('says that a depth ended the walk, and at which entry', () => {
    const counted = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for', depth: 2 })
    const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.7, 192.0.2.9' }
    const { steps, identity } = explain(counted, { peer: '10.0.0.5', headers })
    expect(steps).toMatchObject([{ entry: '198.51.100.7', next: '198.51.100.7', ends: 'count' }])
    expect(identity).toMatchObject({ reason: 'count' })
  })

  test('lists nothing of headers that may be cut off', () => {
    const { ignored } = explain(policy, {
      peer: '10.1.0.3',
      headers: { 'x-forwarded-for': '6.6.6.6' },
      headersTruncated: true,
    })
    expect(ignored).toEqual([])
  })

  test('prints as aligned lines in which a client cannot move the cursor', () => {
    expect(formatExplanation(explain(policy, evidence)).split('\n')).toEqual([
      'peer      10.0.0.5',
      '  reads   proxy-protocol             v2 PROXY INET STREAM 10.1.0.3:51442 > 10.0.0.9:443  (rule nlb)',
      'node      10.1.0.3',
      '  reads   x-forwarded-for            198.51.100.7  (rule nginx)',
      'node      198.51.100.7',
      'client    198.51.100.7               first-untrusted',
      'ignored   x-forwarded-for: 6.6.6.6   beyond the node at which the walk ended',
      'ignored   x-real-ip: 6.6.6.9         no rule reads it',
      'ignored   true-client-ip: \\u001b[2J  no rule reads it',
      'conflict  x-real-ip                  claims 6.6.6.9',
    ])
  })

  test('turns no text around with what a PROXY header carries', () => {
    const path = '/run/\u202e7.001.15.891\u2069\u2028client  198.51.100.9\ufeff'
    const unix = { version: 2, command: 'PROXY', family: 'UNIX', transport: 'STREAM' } as const
    const proxyHeaders = [{ ...unix, source: { path }, destination: { path }, tlvs: [] }]
    const text = formatExplanation(explain(policy, { peer: '10.0.0.5', proxyHeaders }))
    expect(text).toContain('/run/\\u202e7.001.15.891\\u2069\\u2028client  198.51.100.9\\ufeff')
    expect(text).toMatch(/^[\u0020-\u007e\n]*$/)
  })

  test('lets a terminal colour whole lines by what they are about', () => {
    const kinds: string[] = []
    const paint = (line: string, kind: string) => {
      kinds.push(kind)
      return `<${line}>`
    }
    const text = formatExplanation(explain(policy, evidence), { paint })
    expect(text.split('\n').every((line) => /^<[^<>]+.*>$/.test(line))).toBe(true)
    expect(kinds).toEqual(
      'plain read plain read plain client ignored ignored ignored conflict'.split(' '),
    )
  })

  test('prints the end of a walk without an answer', () => {
    const text = formatExplanation(
      explain(policy, { peer: '10.1.0.3', headers: { 'x-forwarded-for': 'unknown' } }),
    )
    expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['peer', '10.1.0.3'],
      ['', 'reads', 'x-forwarded-for', 'unknown', '(rule nginx)'],
      ['', 'ends', 'unidentified-node'],
      ['client', 'undetermined', 'unidentified-node'],
    ])
  })

  test('paints the end of such a walk in its own colour', () => {
    const kinds: string[] = []
    formatExplanation(
      explain(policy, { peer: '10.1.0.3', headers: { 'x-forwarded-for': 'unknown' } }),
      { paint: (line, kind) => `${kinds.push(kind)}${line}` },
    )
    expect(kinds).toEqual(['plain', 'read', 'plain', 'undetermined'])
  })

  test('prints a peer that nobody knows, and quotes and backslashes as they were sent', () => {
    const text = formatExplanation(
      explain(policy, { peer: undefined, headers: { 'x-real-ip': 'a"b\\c' } }),
    )
    expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['peer', 'not known'],
      ['client', 'undetermined', 'no-peer'],
      ['ignored', 'x-real-ip: a"b\\c', 'no rule reads it'],
    ])
  })
})
