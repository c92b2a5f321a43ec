import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { MAX_LIST_BYTES } from './fetch-list.js'

/** A list as it stood in its file. */
export interface FileList {
  readonly text: string
  /** Changes with every replacement of the file, nearly every change in place, and its permissions. */
  readonly appearance: string
  /** Milliseconds since 1970. */
  readonly changedAt: number
}

/** Milliseconds for a look at a file: a disk that hangs does not answer at all. */
const DEADLINE = 15_000

/** Bytes that are read at a time. */
const PIECE = 65_536

/** Does not wait for whoever shall write into a named pipe. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Reads the file at once, at start-up. Throws what the file system says. */
export function readListNow(path: string): FileList {
  const fd = openSync(path, FLAGS)
  try {
    const stats = fstatSync(fd)
    requireList(stats)
    return listOf([readFileSync(fd)], stats)
  } finally {
    closeSync(fd)
  }
}

/**
 * A file that is followed. Read without keeping the service from answering, and never twice at the
 * same time: each read of a disk that hangs holds one of the few threads that all files share.
 */
export class FollowedFile {
  readonly #path: string
  readonly #deadline: number
  #pending: Promise<unknown> | undefined

  constructor(path: string, deadline = DEADLINE) {
    this.#path = path
    this.#deadline = deadline
  }

  /** Rejects with what the file system says, and after the deadline. */
  read(): Promise<FileList> {
    return this.#within(() => readList(this.#path))
  }

  /** The file's appearance now; where nobody can look, why. */
  appearance(): Promise<string> {
    return this.#within(() => stat(this.#path)).then(
      appearanceOf,
      (error: unknown) => `unknown: ${error instanceof Error ? error.message : String(error)}`,
    )
  }

  async #within<T>(work: () => Promise<T>): Promise<T> {
    if (this.#pending !== undefined) throw new Error('the last look at the file has not ended yet')
    const looking = work()
    this.#pending = looking
    const ended = (): void => {
      this.#pending = undefined
    }
    looking.then(ended, ended)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`did not answer within ${this.#deadline} ms`)
      timer = setTimeout(() => reject(error), this.#deadline).unref()
    })
    try {
      return await Promise.race([looking, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

async function readList(path: string): Promise<FileList> {
  const file = await open(path, FLAGS)
  try {
    const stats = await file.stat()
    requireList(stats)
    return listOf(await piecesOf(file), stats)
  } finally {
    await file.close()
  }
}

async function piecesOf(file: FileHandle): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for (let bytes = 0; bytes <= MAX_LIST_BYTES; ) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE), 0, PIECE)
    if (bytesRead === 0) return pieces
    bytes += bytesRead
    pieces.push(buffer.subarray(0, bytesRead))
  }
  throw tooLarge()
}

function requireList(stats: Stats): void {
  if (!stats.isFile()) throw new Error('is not a regular file')
  if (stats.size > MAX_LIST_BYTES) throw tooLarge()
}

function tooLarge(): Error {
  return new Error(`is larger than ${MAX_LIST_BYTES} bytes`)
}

function listOf(pieces: readonly Uint8Array[], stats: Stats): FileList {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const texts = pieces.map((piece) => decoder.decode(piece, { stream: true }))
  texts.push(decoder.decode())
  return { text: texts.join(''), appearance: appearanceOf(stats), changedAt: stats.mtimeMs }
}

function appearanceOf({ ino, mode, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${mode} ${size} ${mtimeMs} ${ctimeMs}`
}
