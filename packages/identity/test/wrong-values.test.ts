import { describe, expect, test } from 'vitest'
import { definePolicy, PolicyError, rangesFrom } from '../src/index.js'

/** What JavaScript may hand over in place of an option's value. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  'x',
  [],
  [null],
  [7],
  ['x'],
  new Array(1),
  {},
  { a: 1 },
  () => {},
  Symbol('s'),
  10n,
  new Date(0),
  Object.create(null),
  new Map(),
]

const RULE = { from: ['loopback'], asserts: 'x-forwarded-for' }
const PROXY = { from: ['loopback'], asserts: 'proxy-protocol' }
const POLICY_OPTIONS = [
  'maxHops',
  'onConflict',
  'unmap',
  'proxyProtocol',
  'hops',
  'trust',
  'header',
]
const RULE_OPTIONS = ['name', 'from', 'asserts', 'custom', 'form', 'depth', 'required', 'original']
const RECEIVER_OPTIONS = [
  'direct',
  'optional',
  'healthCheckFrom',
  'timeout',
  'maxHeaders',
  'maxHeaderBytes',
  'crc32c',
  'mixedFamilies',
  'versions',
  'name',
  'maxPending',
  'maxPendingPerPeer',
]
const RANGES_OPTIONS = [
  'name',
  'format',
  'select',
  'refresh',
  'minimum',
  'maximumShrink',
  'widest',
  'staleAfter',
  'keep',
  'initial',
]

type Make = (option: string, value: unknown) => unknown
const PLACES: readonly [string, readonly string[], Make][] = [
  ['a rule', RULE_OPTIONS, (option, value) => ({ hops: [{ ...RULE, [option]: value }] })],
  [
    'the short form',
    [...RULE_OPTIONS, ...POLICY_OPTIONS],
    (option, value) => ({ trust: ['loopback'], header: 'x-forwarded-for', [option]: value }),
  ],
  [
    'a platform among rules',
    ['name', 'from', 'header', 'platform'],
    (option, value) => ({
      hops: [RULE, { platform: 'aws-alb', from: ['10.0.0.0/8'], [option]: value }],
    }),
  ],
  [
    'a platform alone',
    ['name', 'from', 'header', 'platform', ...POLICY_OPTIONS],
    (option, value) => ({ platform: 'render', [option]: value }),
  ],
  ['a policy', POLICY_OPTIONS, (option, value) => ({ hops: [RULE], [option]: value })],
  [
    'proxyProtocol',
    RECEIVER_OPTIONS,
    (option, value) => ({ hops: [PROXY], proxyProtocol: { [option]: value } }),
  ],
]

/** Undefined where nothing was thrown. */
function thrownBy(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}

/** Nothing but a refusal: a TypeError would name a line of this package and no option. */
describe('a wrong value is refused as what it is, or taken', () => {
  test.each(
    PLACES.flatMap(([place, options, make]) => options.map((option) => ({ place, option, make }))),
  )('$option of $place', ({ option, make }) => {
    for (const value of VALUES) {
      // What JavaScript hands over is of any type.
      const given = make(option, value) as Parameters<typeof definePolicy>[0]
      const thrown = thrownBy(() => definePolicy(given))
      if (thrown !== undefined) expect(thrown).toBeInstanceOf(PolicyError)
    }
  })

  test.each(RANGES_OPTIONS)('%s of rangesFrom', (option) => {
    for (const value of VALUES) {
      const given = { file: '/nowhere/list', format: 'lines', [option]: value }
      const thrown = thrownBy(() => rangesFrom(given as Parameters<typeof rangesFrom>[0]).close())
      if (thrown !== undefined) expect(thrown).toBeInstanceOf(PolicyError)
    }
  })

  test('all of a policy, and all of a rule', () => {
    for (const value of VALUES) {
      for (const given of [value, { hops: [value] }, { hops: value }]) {
        const thrown = thrownBy(() => definePolicy(given as Parameters<typeof definePolicy>[0]))
        if (thrown !== undefined) expect(thrown).toBeInstanceOf(PolicyError)
      }
    }
  })
})
