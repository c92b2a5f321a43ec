import { definePolicy, platforms, policyFromText } from '@truehop/identity'
import { decode, tlvViews } from '@truehop/proxy-protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtHeader, FIRST, withHeader } from '../page/built-header.js'
import { PLATFORMS, TOPOLOGIES } from '../page/examples.js'
import { EXPORTS, exportedPolicy, policyText } from '../page/exported-policy.js'
import { fragmentOf, sharedIn } from '../page/shared-trial.js'
import { tryEvidence } from '../src/serve/trial.js'

/** Platforms that put an address of their own in the place of the client's. */
function hides({
  rules,
}: {
  readonly rules: Readonly<Record<string, readonly { asserts: string }[]>>
}) {
  const [first = []] = Object.values(rules)
  return first.length > 0 && first.every(({ asserts }) => asserts === 'nothing')
}

describe('the examples', () => {
  test.each(TOPOLOGIES.map((example) => [example.name, example] as const))(
    '%s: its evidence names the client',
    (_name, { policy, trial }) => {
      expect(tryEvidence(definePolicy(policy), trial)).toMatchObject({
        walk: { outcome: { client: '198.51.100.7' } },
      })
    },
  )

  test('are of all platforms, each with evidence that names the client if it says who that is', () => {
    expect(PLATFORMS).toHaveLength(Object.keys(platforms).length)
    const known = Object.values(platforms)
    const nobody = PLATFORMS.filter(({ policy, trial }) => {
      const result = tryEvidence(definePolicy(policy), trial)
      return !('walk' in result) || result.walk.outcome.client !== '198.51.100.7'
    })
    expect(nobody.map(({ name }) => name)).toEqual(known.filter(hides).map(({ name }) => name))
  })
})

describe('the address of the playground', () => {
  test('has policy and evidence, and nothing that a link may not have', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(text, text, text, text, (policy, peer, proxy, headers) => {
        const shared = { policy, trial: { peer, proxy, headers } }
        const fragment = fragmentOf(shared) ?? ''
        expect(fragment).toMatch(/^#try=[\w-]+$/)
        expect(sharedIn(fragment)).toEqual(shared)
      }),
    )
  })

  test('is nothing that somebody else wrote, and is bounded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(sharedIn(`#try=${text}!`)).toBeUndefined()
        expect(sharedIn(text)).toBeUndefined()
      }),
    )
    expect(sharedIn(`#try=${btoa('[1]')}`)).toBeUndefined()
    const trial = { peer: '', proxy: '', headers: '' }
    expect(fragmentOf({ policy: 'x'.repeat(100_000), trial })).toBeUndefined()
    expect(sharedIn(`#try=${'A'.repeat(100_000)}`)).toBeUndefined()
  })
})

describe('a PROXY header that the form builds', () => {
  test('of version 1 is the line that the specification has', () => {
    expect(builtHeader(FIRST)).toEqual({ text: 'PROXY TCP4 198.51.100.7 10.0.0.5 51442 443' })
    const six = { ...FIRST, source: '[2001:db8::7]:1', destination: '[::1]:2' }
    expect(builtHeader(six)).toEqual({ text: 'PROXY TCP6 2001:db8::7 ::1 1 2' })
  })

  test('of version 2 is bytes that are read as what was typed', () => {
    const built = builtHeader({ ...FIRST, version: '2', authority: 'shop.example' })
    const bytes = Buffer.from('text' in built ? built.text : '', 'hex')
    const result = decode(bytes)
    if (result.status !== 'complete') throw new Error(result.status)
    expect(result.header).toMatchObject({
      version: 2,
      command: 'PROXY',
      source: { address: '198.51.100.7', port: 51442 },
      destination: { address: '10.0.0.5', port: 443 },
    })
    expect(tlvViews(result.header).authority).toBe('shop.example')
    const local = builtHeader({ ...FIRST, version: '2', command: 'LOCAL' })
    expect('text' in local && local.text.slice(24, 26)).toBe('20')
  })

  test.each([
    [{ source: '198.51.100.7' }, /source/],
    [{ source: '198.51.100.7:70000' }, /source/],
    [{ destination: 'a:1' }, /destination/],
    [{ destination: '[::1]:1' }, /one family/],
    [{ command: 'LOCAL' }, /no LOCAL/],
    [{ authority: 'a' }, /authority/],
  ] as const)('is not made of %j, and the form says why', (part, problem) => {
    expect(builtHeader({ ...FIRST, ...part })).toEqual({ problem: expect.stringMatching(problem) })
  })

  test('stands behind those that are there, as bytes if one of them is', () => {
    const line = 'PROXY TCP4 198.51.100.7 10.0.0.5 51442 443'
    expect(withHeader('', line)).toBe(line)
    expect(withHeader(line, line)).toBe(`${line}\n${line}`)
    const mixed = withHeader(line, '0d0a')
    expect(mixed).toBe(`${Buffer.from(`${line}\r\n`).toString('hex')}\n0d0a`)
  })
})

describe('an exported policy', () => {
  test.each(EXPORTS)('as %s says the same', (form) => {
    for (const { policy } of TOPOLOGIES) {
      const text = exportedPolicy(form, policyText(policy))
      const json = form === 'file' ? text : (/truehop[,(]([\s\S]*?)\)\n/.exec(text)?.[1] ?? '')
      const { $schema: _, ...options } = JSON.parse(json)
      expect(options).toEqual(policy)
    }
  })

  test('as a file is one that the command line reads', () => {
    for (const { policy } of TOPOLOGIES) {
      policyFromText(exportedPolicy('file', policyText(policy)), 'truehop.policy.json')
    }
  })
})
