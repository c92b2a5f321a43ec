import {
  appendFile,
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
} from 'node:fs'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { type Head, readLink, sha256 } from './chain.js'

const append = promisify(appendFile)

/** Bytes read from the end of a file to find its last record; records are far shorter. */
const TAIL = 65_536

const CLOSED = -1

/** How a file ends: what to chain the next record to, and what a crash left behind. */
export interface FileEnd {
  /** Undefined for an empty file, and where the last line is no intact record. */
  readonly head: Head | undefined
  /** Bytes after the last line end. */
  readonly torn: number
  /** Their hash; undefined for none. */
  readonly tornHash: string | undefined
  readonly size: number
}

/** A file that is only appended to, by one process, readable by its owner alone. */
export class AuditFile {
  readonly #path: string
  #fd: number
  #size: number

  /** Opens or creates the file. Throws what the file system says. */
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

  /** Reads the end of the file as it is on disk. */
  end(): FileEnd {
    this.#size = fstatSync(this.#fd).size
    const bytes = Buffer.alloc(Math.min(TAIL, this.#size))
    readSync(this.#fd, bytes, 0, bytes.length, this.#size - bytes.length)
    const lastEnd = bytes.lastIndexOf(0x0a)
    const start = lastEnd <= 0 ? 0 : bytes.lastIndexOf(0x0a, lastEnd - 1) + 1
    const link = lastEnd === -1 ? undefined : readLink(bytes.toString('latin1', start, lastEnd))
    return {
      head: link?.intact === true ? { seq: link.seq, hash: link.hash } : undefined,
      torn: bytes.length - lastEnd - 1,
      tornHash: lastEnd + 1 < bytes.length ? sha256(bytes.subarray(lastEnd + 1)) : undefined,
      size: this.#size,
    }
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

  /** Goes on in the file that has the name now, which somebody may have put aside or removed. */
  reopen(): void {
    this.close()
    this.#open()
  }

  /** Hands everything to the disk and closes. */
  close(): void {
    if (this.#fd === CLOSED) return
    const fd = this.#fd
    // Given up before anything can throw: the number may soon be another file's or connection's.
    this.#fd = CLOSED
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }

  #open(): void {
    this.#fd = open(this.#path)
    this.#size = fstatSync(this.#fd).size
  }
}

function open(path: string): number {
  return openSync(path, 'a+', 0o600)
}
