import assert from 'node:assert/strict'
import {
  definePolicy,
  type Evidence,
  explain,
  formatExplanation,
  lint,
  PolicyError,
  type PolicyOptions,
  resolve,
} from '@truehop/identity'
import { corpusOf } from '../corpus.js'
import { pick, type Random } from '../random.js'
import type { Target } from '../target.js'
import { textOf } from '../text-of.js'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const SEEDS: readonly Json[] = [
  { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' },
  { trust: ['any'], header: 'forwarded', depth: 2, required: true, original: ['proto'] },
  {
    hops: [
      { name: 'nlb', from: ['10.0.0.0/16', 'unix'], asserts: 'proxy-protocol' },
      { name: 'edge', from: ['173.245.48.0/20', '2400:cb00::/32'], asserts: 'cf-connecting-ip' },
      { from: ['private', 'loopback'], asserts: 'x-forwarded-for', original: ['proto', 'host'] },
    ],
    maxHops: 64,
    onConflict: 'reject',
    proxyProtocol: {
      timeout: 5000,
      direct: 'reject',
      optional: false,
      maxHeaders: 1,
      maxHeaderBytes: 4096,
      maxPending: 100,
      maxPendingPerPeer: 10,
      healthCheckFrom: ['192.0.2.0/24'],
    },
  },
]

const VALUES: readonly Json[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e308, 64, 65536, '', '1', 'any', 'unix', 'private', '*'],
  ...['10.0.0.0/8', '10.0.0.0/33', '::/0', '::ffff:0:0/95', 'x-forwarded-for', 'Forwarded', 'host'],
  ...[
    'proxy-protocol',
    'x y',
    '__proto__',
    'constructor',
    'toString',
    'a'.repeat(70),
    'é\u0007',
    '\u202e',
  ],
  ...[[], {}, [[]], [{}], ['10.0.0.0/8'], { has: 1 }, { __proto__: null }, ['proto', 'proto']],
]
const KEYS = ['trust', 'header', 'hops', 'from', 'asserts', 'name', 'depth', 'required', 'original']
  .concat('maxHops', 'onConflict', 'proxyProtocol', 'timeout', 'direct', 'optional', 'maxHeaders')
  .concat('__proto__', 'constructor', 'length', 'from ', 'healthCheckFrom')

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** Another value at one place: replaced, removed, repeated, or with a key of its own. */
function changed(random: Random, value: Json, depth = 0): Json {
  if (typeof value !== 'object' || value === null || (depth > 0 && random(4) === 0)) {
    return pick(random, VALUES)
  }
  if (isList(value)) {
    const list = [...value]
    const at = random(list.length + 1)
    if (random(3) === 0) list.splice(at, random(2), pick(random, [...list, ...VALUES]))
    else if (list.length > 0) {
      list[at % list.length] = changed(random, list[at % list.length] ?? null, depth + 1)
    }
    return list
  }
  const entries = Object.entries(value)
  const at = random(entries.length + 1)
  const [key = 'trust', inner = null] = entries[at] ?? [pick(random, KEYS), pick(random, VALUES)]
  if (random(5) === 0) return Object.fromEntries(entries.filter((_, index) => index !== at))
  return Object.fromEntries([...entries, [key, changed(random, inner, depth + 1)]])
}

const EVIDENCE: readonly Evidence[] = [
  { peer: '10.0.0.5', headers: { 'x-forwarded-for': '198.51.100.7, 10.0.0.6' } },
  { peer: 'unix', headers: { forwarded: 'for=198.51.100.7;proto=https' } },
  { peer: '173.245.48.9', headers: { 'cf-connecting-ip': '198.51.100.7', 'x-real-ip': 'x' } },
  { peer: undefined, headers: {} },
]

/** What a file holds has whatever shape its author gave it. */
const asWritten = (input: unknown) => input as PolicyOptions

/** Any JSON as a policy: valid, or PolicyError; and a valid one decides without a throw. */
export const policy: Target<Json> = {
  name: 'policy',
  seeds: [...SEEDS, ...corpusOf('policy').map((text): Json => JSON.parse(text))],
  mutate(random, seeds) {
    let value = pick(random, seeds)
    for (let count = 1 + random(3); count > 0; count--) value = changed(random, value)
    return value
  },
  fromBytes: jsonOf,
  toBytes: (input) => Buffer.from(JSON.stringify(input)),
  toText: (input) => JSON.stringify(input),
  check(input, random) {
    try {
      const defined = definePolicy(asWritten(input))
      const evidence = pick(random, EVIDENCE)
      const identity = resolve(defined, evidence)
      lint(defined)
      const explanation = explain(defined, evidence)
      assert.equal(explanation.identity.status, identity.status)
      assert.equal(explanation.identity.reason, identity.reason)
      assert(formatExplanation(explanation).length > 0)
      return `${identity.reason} by rule ${defined.current.hops.length}`
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      const lines = error.message.split('\n')
      // One for each problem, and more only to say how many there are.
      assert(
        lines.length <= (error.problems.length < 2 ? 1 : 22),
        'a message with lines of its own',
      )
      for (const line of lines) {
        assert(line.length < 2000, 'a message as long as the policy')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: looked for here
        assert.doesNotMatch(line, /[\x00-\x1f\x7f\u202e]/, 'a message that moves the cursor')
      }
      return `${error.code} at ${error.path.replace(/\d+/g, 'n').slice(0, 40)}`
    }
  },
}

/** What the bytes are as JSON; where they are none, a text, which is JSON as well. */
function jsonOf(bytes: Uint8Array): Json {
  const text = textOf(bytes)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
