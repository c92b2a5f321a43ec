import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  LiveSource,
  loadPolicy,
  PolicyError,
  policyFromEnvironment,
  resolve,
} from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'truehop-policy-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** `code at path`, and the message. */
function refusal(run: () => unknown): [string, string] {
  try {
    run()
  } catch (error) {
    if (error instanceof PolicyError) return [`${error.code} at ${error.path}`, error.message]
    throw error
  }
  return ['accepted', '']
}

const evidence = { peer: '10.0.0.5', headers: { 'x-forwarded-for': '198.51.100.7' } }

describe('a policy file', () => {
  it('holds what definePolicy takes, and a $schema for editors', () => {
    const path = file(
      'good.json',
      '{ "$schema": "./policy.schema.json", "trust": ["10.0.0.0/8"], "header": "x-forwarded-for" }',
    )
    expect(resolve(loadPolicy(path), evidence)).toMatchObject({ ip: '198.51.100.7' })
  })

  it.each<[string, string, string]>([
    ['broken.json', '{ "trust": [', 'bad-file at '],
    ['list.json', '[]', 'bad-file at '],
    ['empty.json', '', 'bad-file at '],
    [
      'wrong.json',
      '{ "hops": [{ "from": ["1"], "asserts": "forwarded" }] }',
      'bad-cidr at hops[0].from[0]',
    ],
    ['typo.json', '{ "hop": [] }', 'unknown-option at hop'],
  ])('%s is refused by name', (name, text, expected) => {
    const path = file(name, text)
    const [code, message] = refusal(() => loadPolicy(path))
    expect(code).toBe(expected)
    expect(message.startsWith(`${path}: `)).toBe(true)
  })

  it('that is not there is refused by name', () => {
    const path = join(folder, 'absent.json')
    const [code, message] = refusal(() => loadPolicy(path))
    expect(code).toBe('bad-file at ')
    expect(message).toContain('ENOENT')
  })
})

describe('living ranges in a policy file', () => {
  it('are written as the options of rangesFrom', () => {
    const list = file('edge.txt', '10.0.0.0/16\n')
    const from = [{ file: list, format: 'lines' }]
    const path = file('live.json', JSON.stringify({ hops: [{ from, asserts: 'x-forwarded-for' }] }))
    const policy = loadPolicy(path)
    expect(resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
    expect(policy.status().hops[0]?.ranges).toMatchObject([{ name: list, size: 1 }])
    const [ranges] = policy.current.hops[0]?.entries ?? []
    if (ranges instanceof LiveSource) ranges.close()
  })

  it('are refused as rangesFrom refuses them', () => {
    const path = file('bad-live.json', '{ "trust": [{ "file": "x" }], "header": "forwarded" }')
    const [code, message] = refusal(() => loadPolicy(path))
    expect(code).toBe('bad-ranges at rangesFrom.format')
    expect(message.startsWith(`${path}: `)).toBe(true)
  })
})

describe('the environment', () => {
  it('without any of the variables gives no policy', () => {
    expect(policyFromEnvironment({})).toBeUndefined()
  })

  it('gives trust and header', () => {
    const policy = policyFromEnvironment({
      TRUEHOP_TRUST: ' loopback,10.0.0.0/8  unix ',
      TRUEHOP_HEADER: 'X-Forwarded-For',
    })
    expect(policy?.current.hops[0]?.entries).toEqual(['loopback', '10.0.0.0/8', 'unix'])
    expect(policy && resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
  })

  it('names a file', () => {
    const path = file('env.json', '{ "hops": [] }')
    expect(policyFromEnvironment({ TRUEHOP_POLICY: path })?.current.hops).toEqual([])
  })

  it.each<[Record<string, string>, string]>([
    [{ TRUEHOP_TRUST: 'loopback' }, 'bad-environment at TRUEHOP_HEADER'],
    [{ TRUEHOP_HEADER: 'forwarded' }, 'bad-environment at TRUEHOP_TRUST'],
    [{ TRUEHOP_POLICY: 'a.json', TRUEHOP_TRUST: 'loopback' }, 'bad-environment at TRUEHOP_POLICY'],
    [{ TRUEHOP_TRUST: '1', TRUEHOP_HEADER: 'forwarded' }, 'bad-cidr at trust[0]'],
    [{ TRUEHOP_TRUST: 'true', TRUEHOP_HEADER: 'forwarded' }, 'bad-cidr at trust[0]'],
  ])('%j is refused', (environment, expected) => {
    expect(refusal(() => policyFromEnvironment(environment))[0]).toBe(expected)
  })
})
