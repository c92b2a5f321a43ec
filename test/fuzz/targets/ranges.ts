import assert from 'node:assert/strict'
import { PrefixSet } from '@truehop/ip'
import { atOnce } from '@truehop/ip/internal'
import {
  EditionError,
  makeEdition,
  WIDEST,
  writtenList,
} from '../../../packages/identity/src/ranges/edition.js'
import {
  RANGE_FORMATS,
  RangesFormatError,
  type RangesSelect,
} from '../../../packages/identity/src/ranges/formats.js'
import { readList } from '../../../packages/identity/test/ranges/read-list.js'
import type { RangesList } from '../../../packages/identity/test/ranges/slow-formats.js'
import { slowSearch } from '../../../packages/ip/test/slow-address.js'
import { corpusOf } from '../corpus.js'
import { mutateText } from '../mutate-text.js'
import { pick } from '../random.js'
import type { Target } from '../target.js'
import { bytesOf, textOf } from '../text-of.js'

const SEEDS = [
  '10.0.0.0/16\n10.1.0.0/16 # two\r\n2001:db8::/32\n; three\n',
  '{"syncToken":"1","createDate":"2026-01-01","prefixes":[{"ip_prefix":"192.0.2.0/24","region":"a","service":"S3"}],"ipv6_prefixes":[{"ipv6_prefix":"2001:db8::/32","service":"S3"}]}',
  '{"result":{"ipv4_cidrs":["192.0.2.0/24"],"ipv6_cidrs":["2001:db8::/32"],"etag":"x"},"success":true}',
  '{"addresses":["192.0.2.0/24"],"ipv6_addresses":["2001:db8::/32"]}',
  '{"syncToken":"1","creationTime":"2026","prefixes":[{"ipv4Prefix":"192.0.2.0/24","service":"G","scope":"a"},{"ipv6Prefix":"2001:db8::/32"}]}',
  '{"hooks":["192.0.2.0/24","2001:db8::/32"],"web":["198.51.100.0/24"]}',
  '{"cidr":"192.0.2.0/24","sblid":"SBL1"}\n{"type":"metadata","timestamp":1700000000}\n',
]
const WORDS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\n',
  '\r\n',
  '#',
  ';',
  ' ',
  'null',
  '1',
  '[]',
  '{}',
]
  .concat('"192.0.2.0/24"', '0.0.0.0/0', '0.0.0.0/1', '::/0', '/8', '/7', '10.0.0.300', '<html>')
  .concat('"prefixes"', '"result"', '"__proto__"', '"type":"metadata"', '192.0.2.0/24\n', '\\u0000')
const SELECTS: readonly RangesSelect[] = [{}, { service: ['S3'] }, { list: ['hooks'] }]
const BOUNDS = { minimum: 1, maximumShrink: 0.5, widest: WIDEST }

/** Any text as a list of ranges: read whole, or refused with one of two errors. */
export const ranges: Target<string> = {
  name: 'ranges',
  seeds: [...SEEDS, ...corpusOf('ranges')],
  mutate: (random, seeds) => mutateText(random, seeds, WORDS),
  fromBytes: textOf,
  toBytes: bytesOf,
  toText: (input) => input,
  check(text, random) {
    const format = pick(random, RANGE_FORMATS)
    let list: RangesList
    try {
      list = readList([text], format, pick(random, SELECTS))
    } catch (error) {
      if (!(error instanceof RangesFormatError)) throw error
      return `${format} ${error.message.replace(/'.*'/, '')}`
    }
    assert(list.entries.every((entry) => typeof entry === 'string'))
    assert((list.version?.length ?? 0) <= 128)
    return `${format} ${editionOf(list)}`
  },
}

const BEFORE = ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16']

function editionOf(list: RangesList): string {
  const before = { set: PrefixSet.from(BEFORE), version: undefined, updatedAt: 0 }
  try {
    const { set } = atOnce(makeEdition(writtenList(list.entries, ''), BOUNDS, before, 1))
    assert(set.size >= 2, 'shrank by more than half')
    const search = slowSearch(list.entries)
    for (const asked of ['10.0.0.5', '192.0.2.9', '0.0.0.1', '128.0.0.1', '2001:db8::5', '::1']) {
      assert.equal(set.match(asked)?.entry, search(asked))
    }
    return `${set.size} prefixes`
  } catch (error) {
    if (!(error instanceof EditionError)) throw error
    return error.message
      .replace(/\d+/g, 'n')
      .replace(/has \S+,|^.*(?=: )/s, '')
      .slice(0, 40)
  }
}
