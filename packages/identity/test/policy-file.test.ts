import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { loadPolicy, PolicyError, policyFromEnvironment, resolve } from '../src/index.js'
import { LiveSource } from '../src/ranges/live-source.js'

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
  test('holds what definePolicy takes, and a $schema for editors', () => {
    const path = file(
      'good.json',
      '{ "$schema": "./policy.schema.json", "trust": ["10.0.0.0/8"], "header": "x-forwarded-for" }',
    )
    expect(resolve(loadPolicy(path), evidence)).toMatchObject({ ip: '198.51.100.7' })
  })

  test('that is refused has read none of its ranges', async () => {
    const read = vi.fn()
    subscribe('truehop.ranges.failed', read)
    const ranges = { file: join(folder, 'nowhere.txt'), format: 'lines' }
    const hops = [{ from: [ranges], asserts: 'x-forwarded-for' }, { from: ['10.0.0.0/8'] }]
    const path = file('refused.json', JSON.stringify({ hops }))
    expect(refusal(() => loadPolicy(path))[0]).toBe('bad-asserts at hops[1].asserts')
    await new Promise((turn) => setImmediate(turn))
    unsubscribe('truehop.ranges.failed', read)
    expect(read).not.toHaveBeenCalled()
  })

  test.each<[string, string, string]>([
    ['broken.json', '{ "trust": [', 'bad-file at '],
    ['empty.json', '', 'bad-file at '],
    [
      'two.json',
      '{ "trust": [], "header": "forwarded", "trust": ["any"] }',
      'repeated-name at trust',
    ],
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
    expect(message).toMatch(new RegExp(`^${path}:1:[1-9]\\d*: `))
  })

  test('that is not there is refused by name', () => {
    const path = join(folder, 'absent.json')
    const [code, message] = refusal(() => loadPolicy(path))
    expect(code).toBe('bad-file at ')
    expect(message).toContain('ENOENT')
  })
})

describe('a policy file that cannot be used says why', () => {
  test.each<[string, string, string]>([
    [
      'broken-2.json',
      '{ "trust": [',
      '1:13: is not JSON: Unexpected end of input found [bad-file]',
    ],
    ['null.json', 'null', ' must contain an object, got null [bad-file]'],
    ['list-2.json', '[1]', ' must contain an object, got an array of 1 [bad-file]'],
    ['header.json', '{ "trust": [], "header": "host" }', '1:16: header: '],
    [
      'twice.json',
      '{ "hops": [{ "asserts": "forwarded", "from": [], "from": ["any"] }] }',
      '1:50: hops[0].from: occurs more than once, before this at 1:38,',
    ],
  ])('%s', (name, text, said) => {
    const path = file(name, text)
    expect(refusal(() => loadPolicy(path))[1]).toContain(`${path}:${said}`)
  })

  test('where it cannot be read', () => {
    expect(refusal(() => loadPolicy(folder))[1]).toMatch(
      /: cannot be read: is not a regular file \[bad-file\]$/,
    )
  })

  test('above 16 MiB, and not at them', () => {
    const policy = '{ "hops": [] }'
    const most = file('most.json', policy.padEnd(16 * 1024 * 1024))
    expect(loadPolicy(most).current.hops).toEqual([])
    const more = file('more.json', policy.padEnd(16 * 1024 * 1024 + 1))
    expect(refusal(() => loadPolicy(more))).toEqual([
      'bad-file at ',
      `${more}: is larger than 16 MiB [bad-file]`,
    ])
  })

  test('of entries that are neither text nor ranges, as definePolicy does', () => {
    const path = file('odd.json', '{ "hops": [7, { "from": 7, "asserts": "forwarded" }] }')
    expect(refusal(() => loadPolicy(path))[0]).toBe('bad-hops at hops[0]')
    const rule = file('rule.json', '{ "hops": [{ "from": 7, "asserts": "forwarded" }] }')
    expect(refusal(() => loadPolicy(rule))[0]).toBe('bad-from at hops[0].from')
    const trust = file('trust.json', '{ "trust": "10.0.0.0/8", "header": "forwarded" }')
    expect(refusal(() => loadPolicy(trust))[0]).toBe('bad-from at trust')
  })
})

describe('live ranges in a policy file', () => {
  test('may stand in trust, too', () => {
    const list = file('trusted.txt', '10.0.0.0/16\n')
    const trust = ['loopback', { file: list, format: 'lines' }]
    const policy = loadPolicy(
      file('live-trust.json', JSON.stringify({ trust, header: 'x-forwarded-for' })),
    )
    expect(resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
    const [loopback, ranges] = policy.current.hops[0]?.entries ?? []
    expect(loopback).toBe('loopback')
    if (ranges instanceof LiveSource) ranges.close()
  })

  test('are written as the options of rangesFrom', () => {
    const list = file('edge.txt', '10.0.0.0/16\n')
    const from = [{ file: list, format: 'lines' }]
    const path = file('live.json', JSON.stringify({ hops: [{ from, asserts: 'x-forwarded-for' }] }))
    const policy = loadPolicy(path)
    expect(resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
    expect(policy.status().hops[0]?.ranges).toMatchObject([{ name: list, size: 1 }])
    const [ranges] = policy.current.hops[0]?.entries ?? []
    if (ranges instanceof LiveSource) ranges.close()
  })

  test.each([
    ['a platform', (from: object) => ({ platform: 'nginx', from })],
    ['rules', (from: object) => ({ hops: [{ platform: 'nginx', from }] })],
    ['trust and header', (trust: object) => ({ trust, header: 'x-forwarded-for' })],
  ] as const)('are taken in every form of a policy: %s', (_form, write) => {
    const list = file('forms.txt', '10.0.0.0/16\n')
    const options = write([{ file: list, format: 'lines' }])
    const policy = loadPolicy(file('forms.json', JSON.stringify(options)))
    expect(resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
    const [ranges] = policy.current.hops[0]?.entries ?? []
    if (ranges instanceof LiveSource) ranges.close()
  })

  const BAD = { file: 'x', format: 'csv' }
  test.each<[options: object, place: string]>([
    [{ trust: ['loopback', BAD], header: 'forwarded' }, 'trust[1].format'],
    [{ platform: 'nginx', from: [BAD] }, 'from[0].format'],
    [
      {
        hops: [
          { asserts: 'forwarded', from: ['loopback'] },
          { asserts: 'forwarded', from: [BAD] },
        ],
      },
      'hops[1].from[0].format',
    ],
  ])('are refused as rangesFrom refuses them, %j at %s', (options, place) => {
    const path = file('bad-live.json', JSON.stringify(options))
    const [code, message] = refusal(() => loadPolicy(path))
    expect(code).toBe(`bad-ranges at ${place}`)
    expect(message.startsWith(`${path}:1:`)).toBe(true)
  })
})

describe('the environment', () => {
  test('without any of the variables gives no policy', () => {
    expect(policyFromEnvironment({})).toBeUndefined()
  })

  test('gives trust and header', () => {
    const policy = policyFromEnvironment({
      TRUEHOP_TRUST: ' loopback,10.0.0.0/8  unix ',
      TRUEHOP_HEADER: 'X-Forwarded-For',
    })
    expect(policy?.current.hops[0]?.entries).toEqual(['loopback', '10.0.0.0/8', 'unix'])
    expect(policy && resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
  })

  test('names a file', () => {
    const path = file('env.json', '{ "hops": [] }')
    expect(policyFromEnvironment({ TRUEHOP_POLICY: path })?.current.hops).toEqual([])
  })

  test('names a platform, and in TRUEHOP_TRUST what only the user can know of it', () => {
    const rules = (environment: Record<string, string>) =>
      policyFromEnvironment(environment)?.current.hops.map(({ name, entries }) => [
        name,
        ...entries,
      ])
    expect(rules({ TRUEHOP_PLATFORM: 'heroku' })).toEqual([['heroku', '10.0.0.0/8']])
    expect(
      rules({ TRUEHOP_PLATFORM: 'aws-alb', TRUEHOP_TRUST: '10.0.1.0/24, 10.0.2.0/24' }),
    ).toEqual([['aws-alb', '10.0.1.0/24', '10.0.2.0/24']])
  })

  test.each<[Record<string, string>, string]>([
    [{ TRUEHOP_PLATFORM: 'aws-alb' }, 'missing-from at from'],
    [{ TRUEHOP_PLATFORM: 'herokuu' }, 'bad-platform at platform'],
    [{ TRUEHOP_POLICY: 'a.json', TRUEHOP_PLATFORM: 'fly' }, 'bad-environment at TRUEHOP_POLICY'],
    [{ TRUEHOP_TRUST: 'loopback' }, 'bad-environment at TRUEHOP_HEADER'],
    [{ TRUEHOP_HEADER: 'forwarded' }, 'bad-environment at TRUEHOP_TRUST'],
    [{ TRUEHOP_POLICY: 'a.json', TRUEHOP_TRUST: 'loopback' }, 'bad-environment at TRUEHOP_POLICY'],
    [{ TRUEHOP_TRUST: '1', TRUEHOP_HEADER: 'forwarded' }, 'bad-cidr at trust[0]'],
    [{ TRUEHOP_TRUST: 'true', TRUEHOP_HEADER: 'forwarded' }, 'bad-cidr at trust[0]'],
  ])('%j is refused', (environment, expected) => {
    expect(refusal(() => policyFromEnvironment(environment))[0]).toBe(expected)
  })

  test.each<[Record<string, string>, string]>([
    [{ TRUEHOP_TRUST: 'loopback' }, 'TRUEHOP_HEADER: is not set; write TRUEHOP_HEADER=x-forwarded'],
    [
      { TRUEHOP_HEADER: 'forwarded' },
      'TRUEHOP_TRUST: is not set; write TRUEHOP_TRUST="10.0.0.0/8 loopback"',
    ],
    [
      { TRUEHOP_POLICY: 'a.json', TRUEHOP_HEADER: 'forwarded' },
      'TRUEHOP_POLICY: already names the whole policy; unset TRUEHOP_TRUST, TRUEHOP_HEADER and TRUEHOP_PLATFORM',
    ],
  ])('%j gets an error that says what to write', (environment, said) => {
    expect(refusal(() => policyFromEnvironment(environment))[1]).toContain(said)
  })

  test('is that of the process where none is given', () => {
    vi.stubEnv('TRUEHOP_TRUST', 'unix')
    vi.stubEnv('TRUEHOP_HEADER', 'forwarded')
    expect(policyFromEnvironment()?.current.hops).toMatchObject([
      { entries: ['unix'], asserts: 'forwarded' },
    ])
    vi.unstubAllEnvs()
  })
})
