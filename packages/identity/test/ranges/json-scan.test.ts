import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type RangesFormat,
  RangesFormatError,
  type RangesSelect,
} from '../../src/ranges/formats.js'
import { readList } from './read-list.js'
import { DOCUMENTS, type RangesList, slowDocument } from './slow-formats.js'

/** What is read, or why nothing is. */
function outcome(read: () => RangesList): RangesList | string {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RangesFormatError)) throw error
    return error.message
  }
}

/** Refusals of the two readers may name different faults of the same text. */
const isRefusal = (found: RangesList | string) => typeof found === 'string'

const cidr = fc.constantFrom(
  '192.0.2.0/24',
  '2001:db8::/32',
  '',
  'a "quoted" \\u00e9\n',
  '🙂',
  '{}[],:',
)
const texts = fc.oneof(
  { weight: 6, arbitrary: fc.array(cidr, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(7, null, {}, ['a', 7], [['a']]) },
)
const scalar = fc.constantFrom<unknown>('x', 'S3', 7, -1.5e-7, true, null, '2026')
const item = fc.record(
  {
    ip_prefix: cidr,
    ipv6_prefix: cidr,
    ipv4Prefix: cidr,
    ipv6Prefix: cidr,
    cidr,
    service: scalar,
    tags: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const items = fc.oneof(
  { weight: 6, arbitrary: fc.array(item, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>('x', {}, [1], [[]]) },
)
const group = fc.record(
  {
    region: scalar,
    name: scalar,
    cidrs: items,
    properties: fc.record({ addressPrefixes: texts, region: scalar }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)
const document = fc.record(
  {
    other: fc.jsonValue(),
    prefixes: items,
    ipv6_prefixes: items,
    addresses: texts,
    ipv6_addresses: texts,
    hooks: texts,
    values: fc.oneof(fc.array(group, { maxLength: 3 }), scalar),
    regions: fc.oneof(fc.array(group, { maxLength: 3 }), scalar),
    result: fc.oneof(fc.record({ ipv4_cidrs: texts, ipv6_cidrs: texts, etag: scalar }), scalar),
    createDate: scalar,
    syncToken: scalar,
    creationTime: scalar,
    changeNumber: scalar,
    last_updated_timestamp: scalar,
  },
  { requiredKeys: [] },
)

/** Which may select, of each format. */
const SELECTS: Readonly<Partial<Record<RangesFormat, RangesSelect>>> = {
  'aws-ip-ranges': { service: ['S3', '7'] },
  google: { service: ['S3', 'x'] },
  github: { list: ['hooks'] },
  'azure-service-tags': { name: ['S3', 'x'] },
  oracle: { region: ['S3', '2026'] },
}

function inPieces(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })
/** Entries in the order of the document differ from those of its fields. */
const sorted = (found: RangesList | string) =>
  typeof found === 'string' ? found : { ...found, entries: found.entries.toSorted() }

describe('a document read in pieces', () => {
  test('has the entries and the version of the document parsed whole, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DOCUMENTS),
        fc.oneof(document, texts),
        fc.constantFrom(undefined, 2, '\t'),
        fc.boolean(),
        sizes,
        (format, value, indent, isSelected, cut) => {
          const text = JSON.stringify(value, undefined, indent)
          const isText = format === 'bunny' && !/^\s*[[{]/.test(text)
          fc.pre(!isText && !(format === 'cloudflare' && !/^\s*[[{]/.test(text)))
          const select = isSelected || format === 'github' ? (SELECTS[format] ?? {}) : {}
          const expected = outcome(() => slowDocument(text, format, select))
          const found = outcome(() => readList(inPieces(text, cut), format, select))
          if (isRefusal(expected)) expect(isRefusal(found)).toBe(true)
          // Groups that nobody selected must be of the format as well.
          else if (isRefusal(found))
            expect(outcome(() => slowDocument(text, format, {}))).toBe(found)
          else expect(sorted(found)).toEqual(sorted(expected))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('is JSON where `JSON.parse` says so, and nowhere else', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '01',
      '1.',
      '.5',
      '1e5',
      '1E+5',
      'true',
      'nul',
      'null',
      ' ',
      '\n',
      '\\',
      '\u0000',
      '"\\x"',
      '"\\""',
      '"\u0001"',
      'é',
      '\ufeff',
      '\u00a0',
    )
    const text = fc.oneof(
      fc.array(token, { maxLength: 8 }).map((tokens) => tokens.join('')),
      fc.tuple(fc.jsonValue(), token, fc.nat()).map(([value, extra, place]) => {
        const json = JSON.stringify(value)
        const at = place % (json.length + 1)
        return json.slice(0, at) + extra + json.slice(at)
      }),
    )
    fc.assert(
      fc.property(text, sizes, (inner, cut) => {
        const whole = `{"x":${inner},"addresses":[],"ipv6_addresses":[]}`
        let isJson = true
        try {
          JSON.parse(whole)
        } catch {
          isJson = false
        }
        const found = outcome(() => readList(inPieces(whole, cut), 'fastly'))
        if (typeof found === 'string' && found.includes('more than once')) return
        expect(isRefusal(found)).toBe(!isJson)
      }),
      { numRuns: 5000 },
    )
  })
})
