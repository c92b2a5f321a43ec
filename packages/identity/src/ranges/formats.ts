import type { Slices } from '@truehop/ip/internal'
import { isRecord } from '@truehop/options'
import { documentReader, field, versionText } from './documents.js'
import type { RangesFormat, RangesSelect } from './format-names.js'
import { scanJson } from './json-scan.js'
import { MAX_ENTRIES, RangesFormatError, rangesLines } from './lines.js'

export { RANGE_FORMATS, type RangesFormat, type RangesSelect, SELECTABLE } from './format-names.js'
export { RangesFormatError } from './lines.js'

/**
 * Passes the entries of a list to `take` in order, in slices, and returns what the list calls its
 * version. The text comes in pieces of about 64 KiB. Does not check that the entries are prefixes.
 * No more entries are read than a list may have, whatever its length.
 *
 * @throws {RangesFormatError} if the text is not of the format.
 */
export function* readRanges(
  pieces: Iterable<string>,
  format: RangesFormat,
  select: RangesSelect,
  take: (entry: string) => void,
): Slices<string | undefined> {
  let entries = 0
  const counted = (entry: string): void => {
    if (++entries > MAX_ENTRIES) throw new RangesFormatError(`has over ${MAX_ENTRIES} entries`)
    take(entry)
  }
  const { first, all } = withFirst(pieces)
  if (format === 'lines' || format === 'akamai' || isText(first, format)) {
    return yield* readLines(all, counted)
  }
  if (format === 'spamhaus-drop') return yield* readSpamhaus(all, counted)
  const { shape, version } = documentReader(format, select, counted)
  yield* scanJson(all, shape)
  return version()
}

/** The first piece of a text, and the text with it. */
function withFirst(pieces: Iterable<string>): { first: string; all: Iterable<string> } {
  const iterator = pieces[Symbol.iterator]()
  const first = String(iterator.next().value ?? '')
  function* all(): Generator<string> {
    yield first
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value
  }
  return { first, all: all() }
}

/** Cloudflare and bunny.net publish either text or JSON. */
function isText(first: string, format: RangesFormat): boolean {
  const isJson = /^\s*[[{]/.test(first.slice(0, 1024))
  return (format === 'cloudflare' || format === 'bunny') && !isJson
}

/** One entry a line; what follows `#` or `;` is a comment. */
function* readLines(pieces: Iterable<string>, take: (entry: string) => void): Slices<undefined> {
  yield* rangesLines(pieces, (line) => {
    const comment = line.search(/[#;]/)
    const entry = (comment === -1 ? line : line.slice(0, comment)).trim()
    if (entry !== '') take(entry)
  })
  return undefined
}

/**
 * DROP as JSON: one record per line, `{"cidr":"192.0.2.0/24","sblid":…}`, the last one about the
 * list.
 */
function* readSpamhaus(
  pieces: Iterable<string>,
  take: (entry: string) => void,
): Slices<string | undefined> {
  let about: Record<string, unknown> | undefined
  yield* rangesLines(pieces, (line) => {
    if (line.trim() === '') return
    const record = parse(line)
    if (record['type'] === 'metadata' && about === undefined) about = record
    else take(field(record, 'cidr'))
  })
  // Without its last line, it was cut off on the way.
  if (about === undefined) throw new RangesFormatError('has no metadata record at its end')
  const { timestamp } = about
  return timestamp === undefined ? undefined : versionText(String(timestamp))
}

function parse(line: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new RangesFormatError('is not JSON')
  }
  if (isRecord(value)) return value
  throw new RangesFormatError('is not a JSON object')
}
