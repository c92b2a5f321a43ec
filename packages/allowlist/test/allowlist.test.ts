import { describe, expect, test, vi } from 'vitest'
import { isRefused } from '../src/decision.js'
import { type AllowlistOptions, defineAllowlist } from '../src/index.js'
import { clientAt, undetermined } from './identities.js'

function decide(options: AllowlistOptions, ip: string) {
  const { allowed, list, entry, source, reason } = defineAllowlist(options).decide(clientAt(ip))
  return { allowed, list, entry, source, reason }
}

describe('a decision', () => {
  test('allow list: an entry lets its addresses through', () => {
    expect(decide({ allow: ['203.0.113.0/24', '2001:db8::/32'] }, '203.0.113.9')).toEqual({
      allowed: true,
      list: 'allow',
      entry: '203.0.113.0/24',
      source: 'static',
      reason: 'allow-entry',
    })
    expect(decide({ allow: ['203.0.113.0/24', '2001:db8::/32'] }, '2001:db8:7::1')).toMatchObject({
      allowed: true,
      entry: '2001:db8::/32',
    })
  })

  test('allow list: a client that is not on it is denied', () => {
    expect(decide({ allow: ['203.0.113.0/24'] }, '203.0.114.1')).toEqual({
      allowed: false,
      list: 'none',
      entry: undefined,
      source: undefined,
      reason: 'not-in-allow',
    })
  })

  test('an empty allow list lets nobody through', () => {
    expect(decide({ allow: [] }, '203.0.113.9')).toMatchObject({
      allowed: false,
      reason: 'not-in-allow',
    })
  })

  test('deny list alone: a client that is not on it is allowed', () => {
    const deny = ['198.51.100.0/24']
    expect(decide({ deny }, '198.51.100.7')).toEqual({
      allowed: false,
      list: 'deny',
      entry: '198.51.100.0/24',
      source: 'static',
      reason: 'deny-entry',
    })
    expect(decide({ deny }, '203.0.113.9')).toMatchObject({
      allowed: true,
      list: 'none',
      reason: 'not-in-deny',
    })
  })

  test.each([
    ['a wider deny entry', ['203.0.113.7'], ['203.0.113.0/24'], '203.0.113.0/24'],
    ['the same entry', ['203.0.113.0/24'], ['203.0.113.0/24'], '203.0.113.0/24'],
    ['a narrower deny entry', ['203.0.113.0/24'], ['203.0.113.7'], '203.0.113.7'],
  ])('deny wins over allow: %s', (_name, allow, deny, entry) => {
    expect(decide({ allow, deny }, '203.0.113.7')).toMatchObject({
      allowed: false,
      list: 'deny',
      entry,
    })
  })

  test('an undetermined client is denied, even where everybody is allowed', () => {
    for (const options of [{ allow: ['0.0.0.0/0', '::/0'] }, { deny: [] }]) {
      expect(defineAllowlist(options).decide(undetermined())).toMatchObject({
        allowed: false,
        list: 'none',
        reason: 'undetermined',
        client: 'unknown',
      })
    }
  })

  test('an IPv4-mapped peer is judged by IPv4 entries', () => {
    expect(decide({ allow: ['203.0.113.0/24'] }, '::ffff:203.0.113.9')).toMatchObject({
      allowed: true,
    })
  })

  test('IPv4 entries do not judge IPv6 clients, nor the other way round', () => {
    expect(decide({ allow: ['0.0.0.0/0'] }, '2001:db8::1')).toMatchObject({ allowed: false })
    expect(decide({ allow: ['::/0'] }, '203.0.113.9')).toMatchObject({ allowed: false })
  })

  test('the longest entry is the one that is named', () => {
    expect(decide({ deny: ['203.0.0.0/8', '203.0.113.0/24'] }, '203.0.113.1')).toMatchObject({
      entry: '203.0.113.0/24',
    })
  })

  test('a range name stands for its ranges and is named in the decision', () => {
    expect(decide({ allow: ['private', 'loopback'] }, '192.168.7.7')).toMatchObject({
      allowed: true,
      entry: 'private',
    })
    expect(decide({ allow: ['private', 'loopback'] }, '::1')).toMatchObject({ entry: 'loopback' })
    expect(decide({ allow: ['private', 'loopback'] }, '8.8.8.8')).toMatchObject({ allowed: false })
  })
})

describe('at start-up', () => {
  test('neither list given is an error that says what to write', () => {
    expect(() => defineAllowlist({})).toThrow(
      expect.objectContaining({
        name: 'AllowlistError',
        code: 'missing-lists',
        message: expect.stringContaining("write allow: ['203.0.113.0/24']"),
      }),
    )
  })

  test.each([
    ['10.0.0.0/08', 'deny[1]'],
    ['10.0.0.0/33', 'deny[1]'],
    ['300.1.2.3', 'deny[1]'],
    ['*', 'deny[1]'],
    ['unix', 'deny[1]'],
    ['', 'deny[1]'],
  ])('a malformed entry is named: %j', (entry, path) => {
    expect(() => defineAllowlist({ deny: ['203.0.113.0/24', entry] })).toThrow(
      expect.objectContaining({
        code: 'bad-entry',
        path,
        message: expect.stringContaining(JSON.stringify(entry)),
      }),
    )
  })

  test.each<[string, object, string, string]>([
    ['a text for a list', { allow: '203.0.113.0/24' }, 'bad-list', 'allow'],
    ['an empty text, as of an unset variable', { allow: '' }, 'bad-list', 'allow'],
    ['null to allow', { allow: null }, 'bad-list', 'allow'],
    ['false to allow', { allow: false }, 'bad-list', 'allow'],
    ['null to deny', { allow: [], deny: null }, 'bad-list', 'deny'],
    ['null for a name', { allow: [], name: null }, 'bad-option', 'name'],
    ['a number as an entry', { allow: [1] }, 'bad-entry', 'allow[0]'],
    ['an unknown option', { allow: [], allowed: [] }, 'unknown-option', 'allowed'],
    ['an unknown mode', { allow: [], mode: 'dry' }, 'bad-option', 'mode'],
    ['a status that is no refusal', { allow: [], status: 200 }, 'bad-option', 'status'],
    ['an empty name', { allow: [], name: '' }, 'bad-option', 'name'],
    ['a body that is neither', { allow: [], body: 7 }, 'bad-option', 'body'],
    ['no room for entries', { allow: [], maxRuntimeEntries: 0 }, 'bad-option', 'maxRuntimeEntries'],
  ])('%s is an error with a code and a path', (_name, options, code, path) => {
    expect(() => defineAllowlist(options as AllowlistOptions)).toThrow(
      expect.objectContaining({ code, path }),
    )
  })

  test('host bits beyond the prefix are a warning, not an error', () => {
    const list = defineAllowlist({ allow: ['203.0.113.7/24'] })
    expect(list.warnings).toEqual([expect.stringContaining('203.0.113.7/24')])
    expect(list.decide(clientAt('203.0.113.200')).allowed).toBe(true)
  })
})

describe('report mode', () => {
  test('decides and announces the same, and refuses nobody', () => {
    const onRefused = vi.fn()
    const list = defineAllowlist({ deny: ['203.0.113.0/24'], mode: 'report', onRefused })
    const decision = list.check(clientAt('203.0.113.9'), 'request', {})
    expect(decision).toMatchObject({ allowed: false, enforced: false, entry: '203.0.113.0/24' })
    expect(isRefused(decision)).toBe(false)
    expect(onRefused).toHaveBeenCalledWith(decision, 'request')
  })
})

describe('an asynchronous onRefused', () => {
  test('that fails changes no decision, does not end the process, and is reported once', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const onRefused = async () => {
      throw new Error('no mail server')
    }
    const list = defineAllowlist({ deny: ['203.0.113.0/24'], onRefused })
    expect(list.check(clientAt('203.0.113.9'), 'request', {}).allowed).toBe(false)
    expect(list.check(clientAt('198.51.100.9'), 'request', {}).allowed).toBe(true)
    await new Promise((resolve) => setImmediate(resolve))
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(/^onRefused failed.*no mail server/s), expect.anything()],
    ])
    warned.mockRestore()
  })
})

describe('the refusal', () => {
  test('is a problem that reveals nothing about the lists', () => {
    const { refusal } = defineAllowlist({ deny: ['203.0.113.0/24'], name: 'admins' })
    expect(refusal.status).toBe(403)
    expect(refusal.contentType).toBe('application/problem+json')
    expect(JSON.parse(refusal.body)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
    })
  })

  test('takes its own status and members', () => {
    const body = { type: 'https://example.com/probs/region', title: 'Not here', support: 'x@y.z' }
    const { refusal } = defineAllowlist({ deny: [], status: 451, body })
    expect(refusal.status).toBe(451)
    expect(JSON.parse(refusal.body)).toEqual({ ...body, status: 451 })
  })

  test('takes a text', () => {
    expect(defineAllowlist({ deny: [], status: 404, body: 'nothing here' }).refusal).toEqual({
      status: 404,
      contentType: 'text/plain; charset=utf-8',
      body: 'nothing here',
      cacheControl: 'no-store',
    })
  })
})
