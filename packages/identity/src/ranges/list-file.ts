import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { FileTurn } from './file-turn.js'
import { CollectedBytes, type ListBytes, MAX_LIST_BYTES, PIECE } from './list-bytes.js'

/** A list as it was in its file. */
export interface FileList {
  readonly bytes: ListBytes
  /** Changes with every replacement of the file, nearly every change in place, and its permissions. */
  readonly appearance: string
  /** Milliseconds since 1970. */
  readonly changedAt: number
}

/** Does not wait for a writer to a named pipe. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Reads the file at once, at start-up. Throws file system errors. */
export function readListNow(path: string): FileList {
  const fd = openSync(path, FLAGS)
  try {
    const stats = fstatSync(fd)
    requireList(stats, MAX_LIST_BYTES)
    const piece = new Uint8Array(PIECE)
    const bytes = new CollectedBytes()
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) {
      addPiece(bytes, piece.subarray(0, read), MAX_LIST_BYTES)
    }
    requireSame(stats, fstatSync(fd))
    return listOf(bytes, stats)
  } finally {
    closeSync(fd)
  }
}

/** Reads the file while the service answers. Rejects with file system errors. */
export async function readList(path: string, most = MAX_LIST_BYTES): Promise<FileList> {
  const file = await open(path, FLAGS)
  try {
    const stats = await file.stat()
    requireList(stats, most)
    const bytes = await bytesOf(file, most)
    requireSame(stats, await file.stat())
    return listOf(bytes, stats)
  } finally {
    await file.close()
  }
}

/** A file that is followed: read without keeping the service from answering. */
export class FollowedFile {
  readonly #path: string
  readonly #turn: FileTurn
  readonly #most: number

  /** `most`: bytes that are read, at most. */
  constructor(path: string, deadline?: number, most = MAX_LIST_BYTES) {
    this.#path = path
    this.#most = most
    this.#turn = new FileTurn(deadline)
  }

  /** Rejects with file system errors, and after the deadline. */
  read(): Promise<FileList> {
    return this.#turn.take(() => readList(this.#path, this.#most))
  }

  /** The file's state now; if it cannot be read, the reason. */
  appearance(): Promise<string> {
    return this.#turn
      .take(() => stat(this.#path))
      .then(
        appearanceOf,
        (error: unknown) => `unknown: ${error instanceof Error ? error.message : String(error)}`,
      )
  }
}

async function bytesOf(file: FileHandle, most: number): Promise<CollectedBytes> {
  const bytes = new CollectedBytes()
  const piece = new Uint8Array(PIECE)
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, PIECE)
    if (bytesRead === 0) return bytes
    addPiece(bytes, piece.subarray(0, bytesRead), most)
  }
}

function addPiece(bytes: CollectedBytes, piece: Uint8Array, most: number): void {
  bytes.add(piece)
  if (bytes.length > most) throw tooLarge(most)
}

function requireList(stats: Stats, most: number): void {
  if (!stats.isFile()) throw new Error('is not a regular file')
  if (stats.size > most) throw tooLarge(most)
}

/** Half of a list that is being rewritten in place may look like a whole one. */
function requireSame(before: Stats, after: Stats): void {
  if (before.size === after.size && before.mtimeMs === after.mtimeMs) return
  throw new Error('changed while it was read; replace the file by renaming another one to it')
}

function tooLarge(most: number): Error {
  return new Error(`is larger than ${most} bytes`)
}

function listOf(bytes: CollectedBytes, stats: Stats): FileList {
  return { bytes: bytes.end(), appearance: appearanceOf(stats), changedAt: stats.mtimeMs }
}

function appearanceOf({ ino, mode, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${mode} ${size} ${mtimeMs} ${ctimeMs}`
}
