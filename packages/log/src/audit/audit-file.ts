import {
  appendFile,
  closeSync,
  fdatasync,
  fstat,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  stat,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Head, type Link, readLink, type Seal, sha256 } from './chain.js'

const append = promisify(appendFile)
const flush = promisify(fdatasync)
const look = { open: promisify(fstat), named: promisify(stat) }

/** Bytes read from the end of a file to find its last record; records are far shorter. */
const TAIL = 65_536

const CLOSED = -1

/** How a file ends: what to chain the next record to, and what a crash left behind. */
export interface FileEnd {
  /** Undefined for an empty file, and if the last line is not an intact record. */
  readonly head: Head | undefined
  /** What that record is sealed with. */
  readonly seal: Seal | undefined
  /** That record is whole but for its line end, which a crash took. */
  readonly isUnended: boolean
  /** Bytes after the last line end, if they are not a record. */
  readonly torn: number
  /** Their hash; undefined for none. */
  readonly tornHash: string | undefined
  readonly size: number
}

/** A file that one process appends to, readable by its owner alone. */
export class AuditFile {
  readonly #path: string
  #fd: number
  #size: number
  /** How often it was opened again. */
  #opened = 0

  /** Opens or creates the file. Throws file system errors. */
  constructor(path: string) {
    this.#path = path
    this.#fd = open(path)
    this.#size = fstatSync(this.#fd).size
  }

  /** Bytes. */
  get size(): number {
    return this.#size
  }

  async append(text: string): Promise<void> {
    await append(this.#fd, text)
    this.#size += Buffer.byteLength(text)
  }

  /** Has on disk what was appended so far: files before this one were flushed as they were closed. */
  async flush(): Promise<void> {
    const opened = this.#opened
    try {
      await flush(this.#fd)
    } catch (error) {
      // Closed meanwhile, and flushed by that.
      if (opened === this.#opened) throw error
    }
  }

  flushNow(): void {
    fsyncSync(this.#fd)
  }

  /** What other processes have done to the file since the last check; undefined for nothing. */
  async disturbance(): Promise<'gone' | 'shared' | undefined> {
    const { ino, dev, size } = await look.open(this.#fd)
    const named = await look.named(this.#path).catch(noFile)
    if (named?.ino !== ino || named.dev !== dev) return 'gone'
    if (size === this.#size) return undefined
    this.#size = size
    return 'shared'
  }

  /**
   * The file put aside last, if a new one must continue it: a crash between putting it aside and
   * the first record of the next leaves no other trace. Undefined if there is none.
   */
  predecessor():
    | { readonly from: string; readonly head: Head; readonly seal?: Seal | undefined }
    | undefined {
    const name = basename(this.#path)
    const folder = dirname(this.#path)
    const aside = readdirSync(folder)
      .filter((other) => other.startsWith(`${name}.`) && ASIDE.test(other.slice(name.length)))
      .sort((a, b) => recordOf(a) - recordOf(b))
      .at(-1)
    if (aside === undefined) return undefined
    const fd = openSync(join(folder, aside), 'r')
    try {
      const { head, seal } = endOf(fd, fstatSync(fd).size)
      return head === undefined ? undefined : { from: aside, head, seal }
    } finally {
      closeSync(fd)
    }
  }

  /**
   * Takes back the unfinished line of an `append` that failed: its records are written again. What
   * was there before stays. Throws file system errors, as for an append-only file.
   */
  cutUnfinished(): void {
    const before = this.#size
    const { size, torn } = this.end()
    if (torn === 0 || size - torn < before) return
    ftruncateSync(this.#fd, size - torn)
    this.#size = size - torn
  }

  /** Reads the end of the file as it is on disk. */
  end(): FileEnd {
    this.#size = fstatSync(this.#fd).size
    return endOf(this.#fd, this.#size)
  }

  /** Puts the file aside, named after the time and its last record, and starts a new one. */
  rotate({ seq }: Head): string {
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const aside = `${this.#path}.${stamp}-${seq}`
    this.close()
    try {
      renameSync(this.#path, aside)
    } finally {
      this.#open()
    }
    return basename(aside)
  }

  /**
   * Continues in the file that now has the name, as the old one may have been rotated or removed.
   */
  reopen(): void {
    this.close()
    this.#open()
  }

  /** Flushes everything to disk and closes. */
  close(): void {
    if (this.#fd === CLOSED) return
    const fd = this.#fd
    // Forgotten before anything can throw: the descriptor may soon be another file's or
    // connection's.
    this.#fd = CLOSED
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }

  #open(): void {
    this.#opened++
    this.#fd = open(this.#path)
    this.#size = fstatSync(this.#fd).size
  }
}

/** What `rotate` adds to the name. */
const ASIDE = /^\.\d{8}T\d{6}Z-\d{1,15}$/

function recordOf(aside: string): number {
  return Number(aside.slice(aside.lastIndexOf('-') + 1))
}

function noFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function endOf(fd: number, size: number): FileEnd {
  const bytes = Buffer.alloc(Math.min(TAIL, size))
  readSync(fd, bytes, 0, bytes.length, size - bytes.length)
  const lastEnd = bytes.lastIndexOf(0x0a)
  const start = lastEnd <= 0 ? 0 : bytes.lastIndexOf(0x0a, lastEnd - 1) + 1
  const ended = lastEnd === -1 ? undefined : intactIn(bytes.subarray(start, lastEnd))
  const rest = bytes.subarray(lastEnd + 1)
  const isFirst = lastEnd === -1 && bytes.length === size
  const unended = isFirst || ended !== undefined ? nextIn(rest, ended) : undefined
  const link = unended ?? ended
  const torn = unended === undefined ? rest.length : 0
  return {
    head: link && { seq: link.seq, hash: link.hash },
    seal: link?.seal,
    isUnended: unended !== undefined,
    torn,
    tornHash: torn > 0 ? sha256(rest) : undefined,
    size,
  }
}

function intactIn(line: Buffer): Link | undefined {
  const link = readLink(line.toString('latin1'))
  return link?.intact === true ? link : undefined
}

/** The record after `last` that these bytes are; any record, where they are all there is. */
function nextIn(line: Buffer, last: Link | undefined): Link | undefined {
  const link = intactIn(line)
  if (last === undefined) return link
  return link?.prev === last.hash && link.seq === last.seq + 1 ? link : undefined
}

function open(path: string): number {
  return openSync(path, 'a+', 0o600)
}

/** What `disturbance` found, in words. */
export const DISTURBANCES = {
  gone: 'the file was removed or renamed: continuing in a new one of the same name; if that was a rotation, call reopen() after it',
  shared: 'another process writes to the file too: give each process its own file',
}
