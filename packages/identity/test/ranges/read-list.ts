import { atOnce } from '@truehop/ip/internal'
import { type RangesFormat, type RangesSelect, readRanges } from '../../src/ranges/formats.js'
import type { RangesList } from './slow-formats.js'

/** A list read in one go, with its entries. */
export function readList(
  pieces: Iterable<string>,
  format: RangesFormat,
  select: RangesSelect = {},
): RangesList {
  const entries: string[] = []
  const version = atOnce(readRanges(pieces, format, select, (entry) => entries.push(entry)))
  return { entries, version }
}
