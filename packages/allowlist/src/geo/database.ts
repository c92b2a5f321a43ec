import { FollowedFile, inSlices, type ListBytes } from '@truehop/identity/adapter'
import type { Address } from '@truehop/ip'
import type { Slices } from '@truehop/ip/internal'
import type { Reader, Response } from 'mmdb-lib'
import { type GeoFacts, readFacts } from './facts.js'

/** Bytes of a database, at most: the largest of the known ones have a quarter of it. */
const MOST_BYTES = 512 * 1024 * 1024

/** Milliseconds for reading a file. */
const DEADLINE = 60_000

/** Records of a database that are kept decoded. */
const MOST_CACHED = 10_000

/** Pieces that are copied in one slice. */
const PIECES_PER_SLICE = 32

type ReaderClass = typeof Reader

/** A MaxMind DB file that is followed: regular files only, read whole or not at all. */
export class Database {
  readonly path: string
  readonly #file: FollowedFile
  readonly #readerClass: ReaderClass
  #reader: Reader<Response> | undefined
  #seen = ''
  #facts = new WeakMap<object, GeoFacts>()

  constructor(path: string, readerClass: ReaderClass) {
    this.path = path
    this.#file = new FollowedFile(path, DEADLINE, MOST_BYTES)
    this.#readerClass = readerClass
  }

  /** Milliseconds since 1970, as the database says; 0 before one was read. */
  get builtAt(): number {
    return this.#reader?.metadata.buildEpoch.getTime() ?? 0
  }

  /** Reads the file if it does not look as it did. Rejects where it is not a database; the old one stays. */
  async refresh(): Promise<void> {
    if (this.#reader !== undefined && (await this.#file.appearance()) === this.#seen) return
    const { bytes, appearance } = await this.#file.read()
    const whole = await inSlices(joined(bytes))
    requireMetadata(whole)
    const reader = new this.#readerClass(whole, { cache: new RecordCache() })
    tryOut(reader)
    this.#reader = reader
    this.#facts = new WeakMap()
    this.#seen = appearance
  }

  /** Nothing where the file is broken at this place: a request must not fail over it. */
  facts(address: Address): GeoFacts {
    try {
      const record = this.#reader?.get(address.text)
      if (typeof record !== 'object' || record === null) return {}
      const known = this.#facts.get(record) ?? readFacts(record)
      this.#facts.set(record, known)
      return known
    } catch {
      return {}
    }
  }
}

/** As the reader wants it: one buffer. */
function* joined(pieces: ListBytes): Slices<Buffer> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const whole = Buffer.allocUnsafe(length)
  let at = 0
  for (const [i, piece] of pieces.entries()) {
    whole.set(piece, at)
    at += piece.length
    if (i % PIECES_PER_SLICE === 0) yield
  }
  return whole
}

/** Where the metadata begin, and the bytes at the end that they must be in: MaxMind DB 2.0. */
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const METADATA_WITHIN = 128 * 1024

/** The reader looks through all of a file for them, byte by byte: seconds of a large one that is none. */
function requireMetadata(whole: Buffer): void {
  if (whole.subarray(-METADATA_WITHIN).includes(MARKER)) return
  throw new Error('it has no metadata at its end')
}

/** A file that is broken in the middle has an end like a whole one: asks for some of what it must know. */
function tryOut(reader: Reader<Response>): void {
  for (let i = 0; i < 256; i++) reader.get(`${i}.0.0.1`)
  if (reader.metadata.ipVersion === 6) for (let i = 0; i < 16; i++) reader.get(`2${i}00::1`)
}

/** Decoded records by their place: bounded, and emptied when full. */
class RecordCache {
  readonly #records = new Map<string | number, unknown>()

  get(key: string | number): unknown {
    return this.#records.get(key)
  }

  set(key: string | number, record: unknown): void {
    if (this.#records.size >= MOST_CACHED) this.#records.clear()
    this.#records.set(key, record)
  }
}
