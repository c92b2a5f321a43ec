import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import * as json from '../src/index.js'
import { definePolicy, PolicyError, resolve } from '../src/index.js'
import {
  loadPolicy,
  openPolicy,
  placesIn,
  policyFromEnvironment,
  policyFromText,
} from '../src/yaml.js'

const folder = mkdtempSync(join(tmpdir(), 'truehop-yaml-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const POLICY = `# The balancer, and nothing else.
$schema: https://unpkg.com/@truehop/identity/policy.schema.json
hops:
  - name: balancer
    from: [10.0.0.0/8, "fd00::"]
    asserts: x-forwarded-for
`
const evidence = { peer: '10.0.0.5', headers: { 'x-forwarded-for': '198.51.100.7' } }

function refusal(text: string, name = 'policy.yaml'): string {
  try {
    policyFromText(text, name)
  } catch (error) {
    if (error instanceof PolicyError) return error.message
    throw error
  }
  return 'accepted'
}

describe('a policy file in YAML', () => {
  test('is read at start-up, while the service runs, and by way of the environment', async () => {
    const path = file('policy.yaml', POLICY)
    const policies = [
      loadPolicy(path),
      await openPolicy(path),
      policyFromEnvironment({ TRUEHOP_POLICY: path }),
    ]
    for (const policy of policies) {
      expect(policy && resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
    }
  })

  test.each(['policy.yml', 'POLICY.YAML', '-', '/dev/stdin'])('may be named %s', (name) => {
    expect(policyFromText(POLICY, name).current.hops).toHaveLength(1)
  })

  test.each([
    ['policy.json', '{ "trust": ["10.0.0.0/8"], "header": "forwarded" }'],
    ['-', '// the balancer\n{ "trust": ["10.0.0.0/8"], "header": "forwarded" }'],
    ['-', '\ufeff{ "trust": ["10.0.0.0/8"], "header": "forwarded", }'],
  ])('does not keep JSON from being read: %s', (name, text) => {
    expect(policyFromText(text, name).current.hops).toHaveLength(1)
  })

  test('says the same policy as the JSON file with the same content', () => {
    const address = fc.ipV4().map((text) => `${text}/32`)
    const rule = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
      from: fc.array(fc.oneof(address, fc.ipV6(), fc.constantFrom('any', 'private', 'unix'))),
      asserts: fc.constantFrom('x-forwarded-for', 'forwarded', 'x-real-ip'),
      required: fc.boolean(),
    })
    const options = fc.record({
      hops: fc.uniqueArray(rule, { selector: ({ name }) => name, maxLength: 4 }),
      maxHops: fc.integer({ min: 1, max: 64 }),
    })
    fc.assert(
      fc.property(options, (policy) => {
        const { hops } = policyFromText(stringify(policy), 'policy.yaml').current
        const expected = definePolicy(policy).current.hops
        const said = (all: typeof hops) =>
          all.map(({ name, entries, asserts, required }) => ({ name, entries, asserts, required }))
        expect(said(hops)).toEqual(said(expected))
      }),
    )
  })

  test.each([
    ['a list', '- 10.0.0.0/8', 'must contain an object, got an array of 1'],
    ['nothing', '', 'must contain an object, got null'],
    ['two documents', 'hops: []\n---\nhops: []', 'policy.yaml:2:1: is not YAML: '],
    ['a bracket without end', 'hops: [', 'policy.yaml:1:8: is not YAML: '],
    ['a tab that indents', 'hops:\n\t- from: []', 'policy.yaml:2:1: is not YAML: '],
    ['an alias', 'a: &x [any]\nb: *x', 'policy.yaml:2:4: is not YAML: has an alias'],
    ['a merge key', 'a: &x {}\nb:\n  <<: *x', 'policy.yaml:3:7: is not YAML: has an alias'],
    [
      'a comment that ends in CR alone, which hides what follows',
      '# both sites\r\nhops: [] # none yet\rmaxHops: 3',
      'policy.yaml:2:20: is not YAML: has a carriage return that no line feed follows',
    ],
    ['an unknown tag', 'hops: !!binary aGk=', 'policy.yaml:1:7: is not YAML: '],
    ['a tag of its own', 'hops: !rules []', 'policy.yaml:1:7: is not YAML: '],
    ['a name that is a list', '? [a]\n: b', 'is not YAML: has a name that is not a string'],
    [
      'an address that ends in a colon',
      'trust:\n  - fd00::\nheader: forwarded',
      'policy.yaml:2:5: is not YAML: an address that ends in a colon needs quotes; write "fd00::"',
    ],
    [
      'a name twice',
      'hops: []\nhops: []',
      'policy.yaml:2:1: hops: occurs more than once, before this at 1:1,',
    ],
    [
      'a wrong entry',
      'trust:\n  - 10.0.0.0/33\nheader: forwarded',
      'policy.yaml:2:5: trust[0]: "10.0.0.0/33" is not an IP prefix',
    ],
    ['a number for an address', 'trust: [10]\nheader: forwarded', 'trust[0]: must be a string'],
    ['no in a list', 'trust: [no]\nheader: forwarded', 'trust[0]: "no" is not an IP prefix'],
    ['__proto__', '__proto__: {}\nhops: []', '__proto__: unknown option'],
  ])('with %s is refused, and the message says where', (_what, text, message) => {
    expect(refusal(text)).toContain(message)
  })

  test.each([
    ['flow lists', `a: ${'['.repeat(100_000)}`],
    ['block lists', '- '.repeat(20_000)],
    ['block objects', Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('nested without end is refused: %s', (_what, text) => {
    expect(refusal(text)).toContain('is not YAML: ')
  })

  test('never throws anything but a PolicyError', () => {
    const words = fc.constantFrom(
      'hops',
      'from',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '&a',
      '*a',
    )
    const more = fc.constantFrom(
      '!!str',
      '|',
      '>',
      '"',
      "'",
      '#',
      '?',
      '\t',
      '10.0.0.0/8',
      '%',
      '...',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(words, more, fc.string({ maxLength: 3 }))), (parts) => {
        expect(typeof refusal(parts.join(''))).toBe('string')
      }),
    )
  })

  test('has places for lint', () => {
    expect(placesIn(POLICY, 'policy.yaml')('hops[0].from[1]')).toEqual({ line: 5, column: 24 })
    expect(placesIn(`\ufeff${POLICY}`, 'policy.yaml')('hops[0].asserts')?.line).toBe(6)
  })

  test('is named, with the entry point that reads it, by those that read JSON alone', () => {
    const path = file('other.yaml', POLICY)
    expect(() => json.loadPolicy(path)).toThrow(
      `${path}: is not JSON: its name says YAML; import loadPolicy, openPolicy or policyFromEnvironment from '@truehop/identity/yaml'`,
    )
  })
})
