import { definePolicy } from '@truehop/identity'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countLooks } from '../../../test/count-looks.js'
import { MAX_FIELD, tryEvidence } from '../src/serve/trial.js'

const policy = definePolicy({
  hops: [
    { name: 'nlb', from: ['10.0.0.0/16', 'unix'], asserts: 'proxy-protocol' },
    { name: 'edge', from: ['173.245.48.0/20'], asserts: 'x-forwarded-for' },
  ],
  proxyProtocol: { maxHeaders: 2, direct: 'accept' },
})

/** The v2 header of 198.51.100.7:51442 > 10.0.0.9:443, taken apart as the specification lays it out. */
const V2 = '0d0a0d0a000d0a515549540a 2111 000c c6336407 0a000009 c8f2 01bb'

function clientOf(trial: unknown) {
  const result = tryEvidence(policy, trial)
  if ('refused' in result) return result.refused.reason
  return 'walk' in result ? result.walk.outcome.client : result.problems
}

describe('the form', () => {
  test.each([
    ['a peer alone', { peer: ' 198.51.100.9 ' }, '198.51.100.9'],
    [
      'a text header',
      { peer: '10.0.0.5', proxy: 'PROXY TCP4 192.0.2.7 10.0.0.5 1 2' },
      '192.0.2.7',
    ],
    [
      'the line end written out',
      { peer: 'unix', proxy: 'PROXY TCP4 192.0.2.7 10.0.0.5 1 2\\r\\n' },
      '192.0.2.7',
    ],
    ['hexadecimal', { peer: '10.0.0.5', proxy: V2 }, '198.51.100.7'],
    [
      'two PROXY headers',
      {
        peer: '10.0.0.5',
        proxy: 'PROXY TCP4 10.0.0.6 10.0.0.5 1 2\nPROXY TCP4 192.0.2.7 10.0.0.6 1 2',
      },
      '192.0.2.7',
    ],
    [
      'repeated request headers, as Node joins them',
      {
        peer: '10.0.0.5',
        proxy: 'PROXY TCP4 173.245.48.9 10.0.0.5 1 2',
        headers: 'X-Forwarded-For: 192.0.2.66\r\nx-forwarded-for:\t192.0.2.8 \r\n',
      },
      '192.0.2.8',
    ],
  ])('reads %s', (_what, trial, client) => {
    expect(clientOf(trial)).toBe(client)
  })

  test.each([
    [
      'no header where one must be',
      { peer: '10.0.0.5', headers: 'Host: a' },
      'http-without-header',
    ],
    [
      'more headers than are read',
      {
        peer: '10.0.0.5',
        proxy: `${'PROXY TCP4 10.0.0.6 10.0.0.5 1 2\n'.repeat(2)}PROXY TCP4 192.0.2.7 10.0.0.6 1 2`,
      },
      'header-in-payload',
    ],
  ])('says that the connection would be refused: %s', (_what, trial, reason) => {
    expect(clientOf(trial)).toBe(reason)
  })

  test.each([
    ['no peer', {}, 'peer', /where the connection comes from/],
    ['a peer with a port', { peer: '10.0.0.5:80' }, 'peer', /without a port/],
    ['half a header', { peer: '::1', proxy: V2.slice(0, 34) }, 'proxy', /too early/],
    ['other bytes', { peer: '::1', proxy: '474554' }, 'proxy', /not a PROXY header|too early/],
    ['half a byte', { peer: '::1', proxy: '0d0' }, 'proxy', /pairs of hex digits/],
    [
      'a malformed header',
      { peer: '::1', proxy: 'PROXY TCP4 1.2.3 1.1.1.1 1 2' },
      'proxy',
      /\[v1_/,
    ],
    ['a header without a colon', { peer: '::1', headers: 'Host' }, 'headers', /Name: value/],
    ['too long a field', { peer: '::1', headers: 'a'.repeat(20_000) }, 'headers', /Longer than/],
    ['no text', { peer: 7 }, 'peer', /Expected a string/],
  ])('says of %s what is wrong', (_what, trial, field, message) => {
    expect(clientOf(trial)).toEqual([{ field, message: expect.stringMatching(message) }])
  })

  test('takes anything', () => {
    const texts = fc.record({ peer: fc.string(), proxy: fc.string(), headers: fc.string() })
    fc.assert(
      fc.property(fc.oneof(fc.anything(), texts), (trial) => {
        const result = tryEvidence(policy, trial)
        expect('problems' in result ? result.problems.length > 0 : true).toBe(true)
      }),
    )
  })

  test('bounds a walk of many steps and long entries', () => {
    const wide = definePolicy({ trust: ['any'], header: 'x-forwarded-for' })
    const headers = `X-Forwarded-For: ${'7'.repeat(5000)}, ${Array(60).fill('10.0.0.1').join(', ')}`
    const result = tryEvidence(wide, { peer: '10.0.0.1', headers })
    if (!('walk' in result)) throw new Error('no walk')
    expect(result.walk.steps).toHaveLength(32)
    expect(result.walk.omitted).toBe(29)
    expect(result.walk.outcome).toMatchObject({
      status: 'undetermined',
      reason: 'unidentified-node',
    })
    const texts = [...result.walk.steps, ...result.walk.ignored].map(
      (s) => JSON.stringify(s).length,
    )
    expect(Math.max(...texts)).toBeLessThan(600)
  })
})

describe('what is typed is looked at a few times, whatever it is', () => {
  const line = 'PROXY TCP4 10.0.0.6 10.0.0.5 1 2\n'
  const filled = (start: string, unit: string, end = '') =>
    start + unit.repeat(Math.floor((MAX_FIELD - start.length - end.length) / unit.length)) + end

  test.each<[string, object]>([
    ['blanks for a peer', { peer: filled('', ' ') }],
    ['blanks around a peer', { peer: filled('10.0.0.5', ' ', '\r') }],
    ['blanks in a header', { peer: '10.0.0.5', headers: filled('x: a', ' ', 'b') }],
    ['blanks and line ends', { peer: '10.0.0.5', headers: filled('x: a', '\r \t', 'b') }],
    ['many headers', { peer: '10.0.0.5', headers: filled('', 'x:y\n') }],
    ['empty lines', { peer: '10.0.0.5', headers: filled('', '\n') }],
    ['blanks in a PROXY line', { peer: '10.0.0.5', proxy: filled('PROXY', ' ', 'x') }],
    ['line ends written out', { peer: '10.0.0.5', proxy: filled('PROXY UNKNOWN', '\\r\\n', 'x') }],
    ['backslashes', { peer: '10.0.0.5', proxy: filled('PROXY UNKNOWN', '\\') }],
    ['many PROXY lines', { peer: '10.0.0.5', proxy: filled('', line) }],
    ['hexadecimal without end', { peer: '10.0.0.5', proxy: filled('', '0d') }],
    ['hexadecimal that is none at its end', { peer: '10.0.0.5', proxy: filled('', '0d', 'x') }],
    ['signs of hexadecimal', { peer: '10.0.0.5', proxy: filled('', '\\x0x') }],
    [
      'a list of hops',
      {
        peer: '10.0.0.5',
        proxy: 'PROXY TCP4 173.245.48.9 10.0.0.5 1 2',
        headers: filled('x-forwarded-for: ', '173.245.48.9, '),
      },
    ],
  ])('%s', (_name, trial) => {
    const looks = countLooks(() => tryEvidence(policy, trial))
    expect(looks).toBeGreaterThanOrEqual(MAX_FIELD / 2)
    expect(looks).toBeLessThanOrEqual(12 * MAX_FIELD)
  })
})
