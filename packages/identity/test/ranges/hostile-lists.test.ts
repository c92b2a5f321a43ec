import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadPolicy, openPolicy, openRanges, rangesFrom } from '../../src/index.js'
import { makeEdition, WIDEST, writtenList } from '../../src/ranges/edition.js'
import { FileTurn } from '../../src/ranges/file-turn.js'
import { type RangesFormat, type RangesSelect, readRanges } from '../../src/ranges/formats.js'
import { PIECE } from '../../src/ranges/list-bytes.js'
import { FollowedFile } from '../../src/ranges/list-file.js'
import { readList } from './read-list.js'
import { DOCUMENTS } from './slow-formats.js'

/** What a service waits for at most, while a text is read that comes in pieces of 64 KiB. */
function longestSlice(text: string, format: RangesFormat, select: RangesSelect = {}) {
  let [entries, pieces] = [0, 0]
  const longest = { entries: 0, pieces: 0 }
  function* given(): Generator<string> {
    for (let at = 0; at < text.length; at += PIECE) {
      pieces++
      yield text.slice(at, at + PIECE)
    }
  }
  const work = readRanges(given(), format, select, () => entries++)
  let total = 0
  for (let done = false; !done; total += entries, entries = pieces = 0) {
    done = work.next().done === true
    longest.entries = Math.max(longest.entries, entries)
    longest.pieces = Math.max(longest.pieces, pieces)
  }
  return { total, ...longest }
}

const MEBI = 1024 * 1024
const cidrs = (count: number, write: (cidr: string) => string) =>
  Array.from({ length: count }, (_, i) => write(`10.${i >> 8}.${i & 255}.0/24`))
const array = (count: number) => `[${cidrs(count, (cidr) => `"${cidr}"`)}]`
const recordsOf = (count: number, name: string) =>
  `[${cidrs(count, (cidr) => `{"${name}":"${cidr}","service":"S3"}`)}]`

describe('a list of any size is read in slices', () => {
  test.each<[string, RangesFormat, number, string, RangesSelect?]>([
    ['newlines', 'lines', 0, '\n'.repeat(MEBI)],
    ['carriage returns and newlines', 'lines', 0, '\r\n'.repeat(MEBI / 2)],
    ['comments', 'lines', 0, '#\n'.repeat(MEBI / 2)],
    ['blanks', 'lines', 0, `${' '.repeat(1023)}\n`.repeat(MEBI / 1024)],
    ['short entries', 'lines', 300_000, '::\n'.repeat(300_000)],
    [
      'DROP',
      'spamhaus-drop',
      2,
      `${'{"cidr":"::1"}\n'.repeat(2)}{"type":"metadata"}${'\n'.repeat(MEBI)}`,
    ],
    ['an array', 'json', 50_000, array(50_000)],
    ['empty texts', 'json', 300_000, `[${'"",'.repeat(299_999)}""]`],
    ['blanks in an array', 'json', 0, `[${' '.repeat(MEBI)}]`],
    [
      'numbers that nobody wants',
      'fastly',
      0,
      `{"x":[${'1,'.repeat(MEBI / 2)}1],"addresses":[],"ipv6_addresses":[]}`,
    ],
    [
      'AWS',
      'aws-ip-ranges',
      50_000,
      `{"prefixes":${recordsOf(50_000, 'ip_prefix')},"ipv6_prefixes":[]}`,
    ],
    [
      'Google',
      'google',
      50_000,
      `{"prefixes":${recordsOf(50_000, 'ipv4Prefix')}}`,
      { service: ['S3'] },
    ],
    [
      'GitHub',
      'github',
      50_000,
      `{"hooks":${array(50_000)},"web":${array(50_000)}}`,
      { list: ['hooks'] },
    ],
    [
      'Azure',
      'azure-service-tags',
      50_000,
      `{"values":[{"name":"a","properties":{"addressPrefixes":${array(50_000)}}}]}`,
      { name: ['a'] },
    ],
    ['Oracle', 'oracle', 50_000, `{"regions":[{"cidrs":${recordsOf(50_000, 'cidr')}}]}`],
  ])('%s', (_name, format, entries, text, select) => {
    const longest = longestSlice(text, format, select)
    expect(longest.total).toBe(entries)
    expect(longest.entries).toBeLessThanOrEqual(1024)
    expect(longest.pieces).toBeLessThanOrEqual(1)
  })

  test('an edition too: no slice adds more entries to a set, and its making has slices in proportion', () => {
    const slicesOf = (count: number) => {
      const list = writtenList(
        cidrs(count, (cidr) => cidr),
        'v1',
      )
      const work = makeEdition(list, { minimum: 1, maximumShrink: 1, widest: WIDEST }, undefined, 0)
      let slices = 1
      while (work.next().done !== true) slices++
      return slices
    }
    expect(slicesOf(60_000)).toBeGreaterThan(60_000 / 1024 + 10 * (60_000 / 16_384))
  })
})

describe('a list that somebody filled', () => {
  test('with too many entries is not read to its end', () => {
    expect(() => readList(['1\n'.repeat(2_000_001)], 'lines')).toThrow('has over 2000000 entries')
    expect(() => readList([`[${'1,'.repeat(20)}`, '"",'.repeat(2_000_001)], 'json')).toThrow(
      'is not an array of strings',
    )
    expect(() => readList(['[', '"",'.repeat(2_000_001)], 'json')).toThrow(
      'has over 2000000 entries',
    )
  })

  test.each(['lines', 'spamhaus-drop'] as const)('of %s has no line without end', (format) => {
    const text = `10.0.0.0/8\n${'x'.repeat(16_385)}`
    const drop = `{"type":"metadata"}\n"${'x'.repeat(16_385)}"`
    expect(() => readList([format === 'lines' ? text : drop], format)).toThrow(
      'has a line of over 16384 characters',
    )
  })

  test.each([
    ['aws-ip-ranges', '{"prefixes":[{"ip_prefix":"10.0.0.0/8",'],
    ['google', '{"prefixes":[{'],
    ['oracle', '{"regions":[{"cidrs":[{"cidr":"10.0.0.0/8"'],
    ['fastly', '{"addresses":[["10.0.0.0/8",'],
  ] as const)('of %s is left where the blanks in a value have no end', (format, start) => {
    let pieces = 0
    function* given(): Generator<string> {
      yield start
      for (; pieces < 16; pieces++) yield ' '.repeat(PIECE)
    }
    const work = readRanges(given(), format, {}, () => {})
    const readWhole = () => {
      while (work.next().done !== true);
    }
    expect(readWhole).toThrow('has a value of over 16384 characters')
    expect(pieces).toBeLessThan(2)
  })

  test.each(DOCUMENTS)('as a document of %s has no value without end', (format) => {
    const wrap = format === 'json' || format === 'bunny' ? '[' : '{"a":'
    const long = 'has a value of over 16384 characters'
    for (const value of [
      `"${'x'.repeat(16_385)}`,
      '7'.repeat(16_385),
      `"${'\\u0020'.repeat(3000)}`,
    ]) {
      expect(() => readList([wrap + value], format, { list: ['b'] })).toThrow(long)
    }
  })

  test.each(DOCUMENTS)('as a document of %s has no depth without end', (format) => {
    const start = format === 'json' || format === 'bunny' ? '[' : '{"a":'
    const text = start + '['.repeat(100_000)
    expect(() => readList([text], format, { list: ['b'] })).toThrow('nests more than 64 levels')
  })

  test('has no record without end', () => {
    const text = `{"prefixes":[{"ip_prefix":"10.0.0.0/8","x":[${'1,'.repeat(10_000)}`
    expect(() => readList([text], 'aws-ip-ranges')).toThrow('has a value of over 16384 characters')
  })

  test('names no field twice: readers differ in which of two counts', () => {
    const text = '{"addresses":["192.0.2.0/24"],"ipv6_addresses":[],"addresses":["10.0.0.0/8"]}'
    expect(() => readList([text], 'fastly')).toThrow("has 'addresses' more than once")
  })

  test('has few entries before the field that selects them', () => {
    const text = (count: number) =>
      `{"regions":[{"cidrs":${recordsOf(count, 'cidr')},"region":"here"}]}`
    expect(readList([text(1024)], 'oracle', { region: ['here'] }).entries).toHaveLength(1024)
    expect(readList([text(1024)], 'oracle', { region: ['there'] }).entries).toEqual([])
    expect(() => readList([text(1025)], 'oracle', { region: ['here'] })).toThrow(
      'has a group whose region comes after its entries',
    )
  })
})

describe('a followed file that is a named pipe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-pipe-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const pipe = join(folder, 'edge.txt')
  execFileSync('mkfifo', [pipe])

  test('is refused at start-up, and when it takes the place of a file', async () => {
    const ranges = rangesFrom({ file: pipe, format: 'lines' })
    await expect(ranges.ready).rejects.toThrow('is not a regular file')
    await expect(ranges.refresh()).rejects.toThrow('is not a regular file')
    await expect(new FollowedFile(pipe).read()).rejects.toThrow('is not a regular file')
    ranges.close()
  })

  test('is refused while the service runs too, as a list, a kept copy and a policy', async () => {
    const waiting = openRanges({ file: pipe, format: 'lines' })
    await expect(waiting).rejects.toThrow('is not a regular file')
    await expect(openPolicy(pipe)).rejects.toThrow('is not a regular file')
    expect(() => loadPolicy(pipe)).toThrow('is not a regular file')
    const file = join(folder, 'beside.txt')
    writeFileSync(file, '10.0.0.0/8\n')
    const ranges = await openRanges({ file, format: 'lines', keep: pipe })
    expect(ranges.status()).toMatchObject({ size: 1, lastError: undefined })
    ranges.close()
  })

  test('holds up nothing else where its disk does not answer: that is said after the deadline', async () => {
    const turn = new FileTurn(20)
    const never = new Promise<never>(() => {})
    await expect(turn.take(() => never)).rejects.toThrow('did not answer within 20 ms')
    await expect(turn.take(async () => 1)).rejects.toThrow(
      'the last access to the file has not ended',
    )
  })

  test('lets what follows it read a file that comes in its place', async () => {
    const file = join(folder, 'later.txt')
    execFileSync('mkfifo', [file])
    const ranges = rangesFrom({ file, format: 'lines' })
    await expect(ranges.ready).rejects.toThrow('is not a regular file')
    rmSync(file)
    writeFileSync(file, '10.0.0.0/8\n')
    await ranges.refresh()
    expect(ranges.status()).toMatchObject({ size: 1, lastError: undefined })
    ranges.close()
  })
})
