import {
  type Address,
  isRangeName,
  NAMED_RANGES,
  Prefix,
  PrefixError,
  PrefixSet,
  parsePrefix,
  type RangeName,
} from '@truehop/ip'
import { atOnce, ENTRIES_PER_SLICE, PrefixRows, type Slices } from '@truehop/ip/internal'
import { show } from '@truehop/options'
import { AllowlistError } from './allowlist-error.js'
import type { Geo } from './geo/geo.js'
import { type GeoEntry, geoSource, isGeoEntry } from './geo/geo-entry.js'
import { entryIn, isLiveSource, type LiveSource } from './live-source.js'
import { TemporaryEntries, type TemporaryEntry } from './temporary-entries.js'

/**
 * One list: prefixes, single addresses and the names of ranges (`loopback`, `linklocal`,
 * `uniquelocal`, `private`), mixed with live sources if wanted.
 */
export type ListInput = LiveSource | readonly (string | LiveSource | GeoEntry)[]

/** The entry that decided, and where it comes from. */
export interface ListMatch {
  readonly entry: string
  readonly source: string
}

const EXAMPLE = "write a string such as '203.0.113.7', '2001:db8::/32' or 'private'"

interface Contents {
  readonly fixed: PrefixSet
  readonly sources: readonly LiveSource[]
}

/** One side of an allowlist: what was written, live sources, and entries added at run time. */
export class PrefixList {
  readonly temporary: TemporaryEntries
  readonly #side: 'allow' | 'deny'
  readonly #geo: Geo | undefined
  #contents: Contents

  constructor(
    side: 'allow' | 'deny',
    input: ListInput,
    {
      maxRuntimeEntries,
      geo,
    }: { readonly maxRuntimeEntries: number; readonly geo: Geo | undefined },
  ) {
    this.#side = side
    this.#geo = geo
    this.#contents = atOnce(readContents(side, input, geo))
    this.temporary = new TemporaryEntries(maxRuntimeEntries)
  }

  /** Runtime entries first, then what was written, then the sources in their order. */
  match(address: Address, now: number): ListMatch | undefined {
    const added = this.temporary.size > 0 ? this.temporary.match(address, now) : undefined
    if (added !== undefined) return { entry: added.entry, source: 'runtime' }
    const written = this.#contents.fixed.entryOf(address)
    if (written !== undefined) return { entry: written, source: 'static' }
    for (const source of this.#contents.sources) {
      const entry = entryIn(source, address)
      if (entry !== undefined) return { entry, source: source.name }
    }
    return undefined
  }

  /** The first half of a replacement: reads and validates the whole input, and changes nothing. */
  prepare(input: ListInput): Slices<Contents> {
    return readContents(this.#side, input, this.#geo)
  }

  /** The second half: cannot fail. */
  use(contents: Contents): void {
    this.#contents = contents
  }

  /** Prefixes in the list now: written, from sources, and added. */
  get size(): number {
    const { fixed, sources } = this.#contents
    const live = sources.reduce((sum, source) => sum + (source.status?.().size ?? 0), 0)
    return fixed.size + live + this.temporary.size
  }

  get sources(): readonly LiveSource[] {
    return this.#contents.sources
  }

  /** Entries that were accepted although they have host bits set beyond the prefix. */
  get warnings(): readonly string[] {
    return this.#contents.fixed.warnings
  }

  runtimeEntries(now: number): readonly TemporaryEntry[] {
    return [...this.temporary.entries(now)]
  }
}

function* readContents(side: string, input: ListInput, geo: Geo | undefined): Slices<Contents> {
  if (isLiveSource(input)) return { fixed: PrefixSet.from([]), sources: [input] }
  const rows = new PrefixRows()
  const sources: LiveSource[] = []
  for (let i = 0; i < input.length; i++) {
    const entry: unknown = input[i]
    if (isLiveSource(entry)) sources.push(entry)
    else if (isGeoEntry(entry)) sources.push(geoSource(entry, geo, `${side}[${i}]`))
    else addEntry(rows, entry, `${side}[${i}]`)
    if (i % ENTRIES_PER_SLICE === 0) yield
  }
  return { fixed: yield* PrefixSet.ofRows(rows), sources }
}

function addEntry(rows: PrefixRows, entry: unknown, path: string): void {
  if (typeof entry !== 'string') throw noEntry(path, entry)
  if (isRangeName(entry)) for (const range of rangesOf(entry)) rows.add(range)
  else readEntry(rows, entry, path)
}

/** The ranges behind a name, under that name. */
function rangesOf(name: RangeName): readonly Prefix[] {
  return NAMED_RANGES[name].map((range) => {
    const { address, length } = parsePrefix(range)
    return Prefix.of(address, length, name)
  })
}

function readEntry(rows: PrefixRows, entry: string, path: string): void {
  try {
    rows.add(entry)
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    throw badEntry(path, error.entry, error.reason)
  }
}

function noEntry(path: string, entry: unknown): AllowlistError {
  if (typeof entry !== 'object' || entry === null) {
    return new AllowlistError('bad-entry', path, `must be a string, got ${show(entry)}; ${EXAMPLE}`)
  }
  return new AllowlistError(
    'bad-source',
    path,
    'must have name and has(address) to be a live source; write what rangesFrom(...) returns',
  )
}

/** Also for `add` and `remove`. */
export function badEntry(path: string, entry: string, why: string): AllowlistError {
  return new AllowlistError(
    'bad-entry',
    path,
    `${JSON.stringify(entry.slice(0, 80))} is not a prefix: ${why}`,
  )
}
