import { describe, expect, test } from 'vitest'
import { lint, PolicyError } from '../src/index.js'
import { type Correctable, correctedText, policyFromText } from '../src/yaml.js'

/** What `truehop lint` finds: problems, or remarks about a policy that is valid. */
function findingsOf(text: string, name: string): readonly Correctable[] {
  try {
    return lint(policyFromText(text, name))
  } catch (error) {
    if (error instanceof PolicyError) return error.problems
    throw error
  }
}

const corrected = (text: string, name = 'policy.json') =>
  correctedText(text, name, findingsOf(text, name))

describe('what has one right form is corrected where it is written', () => {
  test.each([
    ['host bits', '{"trust":["10.0.0.1/8"],"header":"forwarded"}', '"10.0.0.0/8"'],
    ['a netmask', '{"trust":["10.0.0.0/255.0.0.0"],"header":"forwarded"}', '"10.0.0.0/8"'],
    ['zeros', '{"trust":["10.0.0.0/08"],"header":"forwarded"}', '"10.0.0.0/8"'],
    ['white space', '{"trust":[" 10.0.0.0 / 8 "],"header":"forwarded"}', '"10.0.0.0/8"'],
    ['a header', '{"trust":["10.0.0.0/8"],"header":"X-Forwared-For"}', '"x-forwarded-for"'],
    ['an option', '{"trust":["10.0.0.0/8"],"heder":"forwarded"}', '"header":"forwarded"'],
    ['an escaped option', '{"trust":["::1"],"h\\u0065der":"forwarded"}', '"header":"forwarded"'],
  ])('%s in %s', (_what, text, expected) => {
    const { text: mended, corrected: done } = corrected(text)
    expect(mended).toContain(expected)
    expect(done).toHaveLength(1)
    expect(policyFromText(mended, 'policy.json').current.hops).toHaveLength(1)
  })

  test.each([
    ['an address that is none', '{"trust":["10.0.0"],"header":"forwarded"}'],
    ['a length out of range', '{"trust":["10.0.0.0/33"],"header":"forwarded"}'],
    ['a mask with holes', '{"trust":["10.0.0.0/255.0.255.0"],"header":"forwarded"}'],
    ['a zone', '{"trust":["fe80::1%eth0"],"header":"forwarded"}'],
    ['two entries in one', '{"trust":["10.0.0.0/8,10.1.0.0/16"],"header":"forwarded"}'],
    ['a header like none', '{"trust":["10.0.0.0/8"],"header":"x-acme-client"}'],
    ['an option like none', '{"trust":["10.0.0.0/8"],"header":"forwarded","colour":1}'],
    [
      'an option beside the one that it is nearly',
      '{"trust":["10.0.0.0/8"],"header":"forwarded","heder":"x-real-ip"}',
    ],
    ['everybody', '{"trust":["any"],"header":"forwarded"}'],
  ])('%s is left for a person: %s', (_what, text) => {
    expect(corrected(text)).toEqual({ text, corrected: [] })
  })

  test('comments, white space and a byte order mark stay', () => {
    const text = `\ufeff{
  // the balancers of both sites
  "hops": [
    { "from": ["10.0.0.1/8", /* new */ "10.1.0.0/016"], "asserts": "forwarded", },
  ],
}`
    const once = corrected(text)
    expect(once.text).toBe(text.replace('10.1.0.0/016', '10.1.0.0/16'))
    expect(corrected(once.text).text).toBe(
      text.replace('10.1.0.0/016', '10.1.0.0/16').replace('10.0.0.1/8', '10.0.0.0/8'),
    )
  })

  test('in YAML what was quoted stays quoted, and words stay without quotes', () => {
    const yaml =
      'hops:\n  - from: [10.0.0.1/8, \'fd00::1/8\', "10.1.0.1/16"] # all\n    aserts: x-real-ip\n'
    const once = corrected(yaml, 'policy.yaml')
    expect(once.text).toBe(
      'hops:\n  - from: [10.0.0.1/8, \'fd00::1/8\', "10.1.0.1/16"] # all\n    asserts: x-real-ip\n',
    )
    expect(corrected(once.text, 'policy.yaml').text).toBe(
      'hops:\n  - from: [10.0.0.0/8, \'fd00::/8\', "10.1.0.0/16"] # all\n    asserts: x-real-ip\n',
    )
  })

  test.each([
    ['an element', 'trust:\n  - >-\n    10.0.0.1/8\n  - 192.168.0.0/16\nheader: forwarded\n'],
    ['a value', 'header: |-\n  x-forwared-for\n\ntrust: [10.0.0.0/8]\n'],
    ['a name', '? >-\n  heder\n: forwarded\ntrust: [10.0.0.0/8]\n'],
  ])('%s that is a block of lines is left for a person', (_what, text) => {
    expect(findingsOf(text, 'policy.yaml').some(({ correction }) => correction)).toBe(true)
    expect(corrected(text, 'policy.yaml')).toEqual({ text, corrected: [] })
  })

  test('of a rule that a platform stands for, nothing is changed in another rule', () => {
    const text = JSON.stringify({
      hops: [
        { platform: 'aws-alb', from: ['10.0.0.1/8'] },
        { from: ['10.0.0.1/8'], asserts: 'forwarded' },
      ],
    })
    const { text: mended } = corrected(text)
    expect(JSON.parse(mended)).toEqual({
      hops: [
        { platform: 'aws-alb', from: ['10.0.0.0/8'] },
        { from: ['10.0.0.0/8'], asserts: 'forwarded' },
      ],
    })
  })
})
