import { describe, expect, test } from 'vitest'
import { PolicyError } from '../../src/index.js'
import { RANGE_FORMATS } from '../../src/ranges/formats.js'
import type { RangesSettings } from '../../src/ranges/ranges-options.js'
import { rangesSettings } from '../../src/ranges/read-ranges.js'

const FILE = { file: '/etc/truehop/edge.txt', format: 'lines' }
const DAY = 86_400

/** The message of the error, which begins with the path. */
function refusal(options: unknown): string {
  try {
    rangesSettings(options)
  } catch (error) {
    if (error instanceof PolicyError) return error.message
    throw error
  }
  return 'accepted'
}

const pick = (settings: RangesSettings, key: string): unknown =>
  (settings as unknown as Record<string, unknown>)[key]

describe('options of rangesFrom at their bounds', () => {
  test.each<[string, number, number]>([
    ['refresh', 1, 7 * DAY],
    ['minimum', 1, 2_000_000],
    ['staleAfter', 1, 3650 * DAY],
  ])('%s is an integer from %i to %i', (key, least, most) => {
    for (const value of [least, most]) {
      expect(pick(rangesSettings({ ...FILE, [key]: value }), key)).toBe(value)
    }
    for (const value of [least - 1, most + 1, least + 0.5, String(least), null]) {
      expect(refusal({ ...FILE, [key]: value })).toContain(
        `rangesFrom.${key}: must be an integer from ${least} to ${most}`,
      )
    }
  })

  test.each([0, 0.25, 1])('maximumShrink may be %d', (maximumShrink) => {
    expect(rangesSettings({ ...FILE, maximumShrink })).toMatchObject({ maximumShrink })
  })

  test.each([-0.01, 1.01, Number.NaN, '0.5', true])('maximumShrink may not be %s', (value) => {
    expect(refusal({ ...FILE, maximumShrink: value })).toMatch(
      /^rangesFrom\.maximumShrink: must be a number from 0 to 1, got .*\[bad-ranges\]$/,
    )
  })

  test('widest is given for each family alone, 1 to 32 and 1 to 128', () => {
    const widest = (value: unknown) => rangesSettings({ ...FILE, widest: value }).widest
    expect(widest({ ipv4: 1 })).toEqual({ 4: 1, 6: 16 })
    expect(widest({ ipv6: 1 })).toEqual({ 4: 8, 6: 1 })
    expect(widest({ ipv4: 32, ipv6: 128 })).toEqual({ 4: 32, 6: 128 })
    expect(refusal({ ...FILE, widest: { ipv4: 33 } })).toContain('rangesFrom.widest.ipv4: must be')
    expect(refusal({ ...FILE, widest: { ipv6: 0 } })).toContain('from 1 to 128, got 0')
    expect(refusal({ ...FILE, widest: { ipv6: 129 } })).toContain('rangesFrom.widest.ipv6: must be')
    expect(refusal({ ...FILE, widest: { ipv5: 3 } })).toContain(
      'rangesFrom.widest.ipv5: unknown opt',
    )
    expect(refusal({ ...FILE, widest: 3 })).toContain(
      'rangesFrom.widest: must be an object, got 3; write { ipv4: 3 }',
    )
  })
})

describe('what options of rangesFrom leave out', () => {
  test('is as documented for a file', () => {
    expect(rangesSettings(FILE)).toEqual({
      ...FILE,
      name: '/etc/truehop/edge.txt',
      url: undefined,
      select: {},
      refresh: 5,
      minimum: 1,
      maximumShrink: 0.5,
      widest: { 4: 8, 6: 16 },
      staleAfter: 30 * DAY,
      keep: undefined,
      initial: undefined,
    })
  })

  test('is an hour between looks, and the name, for a URL', () => {
    const url = 'https://ranges.example/v4.txt'
    const settings = rangesSettings({ url, format: 'lines' })
    expect(settings).toMatchObject({ name: url, file: undefined, refresh: 3600 })
    expect(settings.url?.href).toBe(url)
  })

  test('is not what is written', () => {
    const initial = { entries: ['10.0.0.0/8'], date: '2026-01-31' }
    const written = { name: 'edge', keep: '/var/lib/edge.json', initial, refresh: 60 }
    expect(rangesSettings({ ...FILE, ...written })).toMatchObject(written)
  })
})

describe('the URL of a list', () => {
  test.each([
    'https://a.example/list',
    'http://127.0.0.1:8080/list',
    'http://127.9.9.9/list',
    'http://[::1]/list',
    'http://localhost:8080/list',
  ])('may be %s', (url) => {
    expect(rangesSettings({ url, format: 'lines' }).url?.href).toBe(url)
  })

  test.each([
    'http://a.example/list',
    'ftp://127.0.0.1/list',
    'file:///etc/passwd',
    'http://localhost.a.example/list',
    'http://not-localhost/list',
    'http://a127.0.0.1.example/list',
    'http://[2001:db8::1]/list',
    '/etc/truehop/edge.txt',
  ])('may not be %s, where others could change the list on its way', (url) => {
    expect(refusal({ url, format: 'lines' })).toBe(
      `rangesFrom.url: must be an https: URL, got '${url}'; anyone who can change the list is trusted [bad-ranges]`,
    )
  })
})

test.each(['https://user:secret@a.example/list', 'http://secret@localhost/list'])(
  'the URL %s is refused without being shown: fetch takes no such URL, and it is a name in logs',
  (url) => {
    const said = refusal({ url, format: 'lines' })
    expect(said).toContain('url: must not contain a user name or password')
    expect(said).not.toContain('secret')
  },
)

describe('a mistake in the options of rangesFrom is named, with what to write instead', () => {
  test.each<[unknown, string]>([
    [
      7,
      "rangesFrom: must be an object, got 7; write { file: '/etc/truehop/edge.txt', format: 'lines' }",
    ],
    [
      { format: 'lines' },
      "rangesFrom: needs one source; write either file: '/etc/truehop/edge.txt'",
    ],
    [{ ...FILE, file: '' }, "rangesFrom.file: must be a non-empty string, got ''"],
    [{ ...FILE, keep: 7 }, 'rangesFrom.keep: must be a non-empty string, got 7'],
    [
      { ...FILE, format: 'csv' },
      `rangesFrom.format: must be '${RANGE_FORMATS.slice(0, -1).join("', '")}' or 'json', got`,
    ],
    [{ ...FILE, format: 'csv' }, "got 'csv'"],
    [{ ...FILE, select: 7 }, 'rangesFrom.select: must be an object that names what counts, got 7'],
    [
      { ...FILE, format: 'google', select: [] },
      'rangesFrom.select: must be an object that names what counts, got an array of 0',
    ],
    [
      { ...FILE, format: 'github' },
      "rangesFrom.select: is missing; name what counts, such as { list: ['…'] }",
    ],
    [
      { ...FILE, select: { region: ['x'] } },
      'rangesFrom.select.region: is not a field of lines; leave select out',
    ],
    [
      { ...FILE, format: 'aws-ip-ranges', select: { zone: ['x'] } },
      'select.zone: is not a field of aws-ip-ranges; expected one of service, region, network_border_group',
    ],
    [
      { ...FILE, format: 'google', select: { scope: 'x' } },
      "rangesFrom.select.scope: must be an array of strings, got 'x'",
    ],
    [
      { ...FILE, format: 'google', select: { scope: ['x', 1] } },
      'rangesFrom.select.scope: must be an array of strings, got an array of 2',
    ],
    [{ ...FILE, initial: 7 }, "rangesFrom.initial: must be { entries: ['…'], date: '2026-01-31' }"],
    [{ ...FILE, initial: { entries: [] } }, 'rangesFrom.initial: must be'],
    [{ ...FILE, initial: { entries: 'x', date: '2026-01-31' } }, 'rangesFrom.initial: must be'],
    [{ ...FILE, initial: { entries: [], date: 2026 } }, 'rangesFrom.initial: must be'],
    [{ ...FILE, initial: { entries: [], date: 'one day' } }, 'write one of providers'],
  ])('%j', (options, said) => {
    expect(refusal(options)).toContain(said)
  })

  test.each([
    [{ format: 'aws-ip-ranges', select: { service: ['S3'], network_border_group: ['x'] } }],
    [{ format: 'google', select: { scope: [] } }],
    [{ format: 'github', select: { list: ['hooks'] } }],
    [{ format: 'cloudflare', select: {} }],
  ])('and %j is none', (options) => {
    expect(refusal({ ...FILE, ...options })).toBe('accepted')
  })
})
