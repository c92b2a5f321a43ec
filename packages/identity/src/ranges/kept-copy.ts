import { constants } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isRecord } from '@truehop/options'
import type { ListBytes } from './list-bytes.js'
import { readList, readListNow } from './list-file.js'

/** The last good copy of a list, as it was received. */
export interface KeptCopy {
  readonly bytes: ListBytes
  readonly etag: string | undefined
  /** Milliseconds since 1970. */
  readonly updatedAt: number
}

/** Pieces may be made while they are written. */
export interface CopyToKeep extends Omit<KeptCopy, 'bytes'> {
  readonly bytes: Iterable<Uint8Array>
}

/** The copy in the file, read at once; undefined if there is none that can be read. */
export function readKeptNow(path: string): KeptCopy | undefined {
  try {
    return copyOf(readListNow(path).bytes)
  } catch {
    return undefined
  }
}

/** Like `readKeptNow`, while the service answers. */
export async function readKept(path: string): Promise<KeptCopy | undefined> {
  try {
    return await keptCopyIn(path)
  } catch {
    return undefined
  }
}

/**
 * The copy in a regular file of `most` bytes at most; undefined if it does not begin like one. Rejects
 * with file system errors.
 */
export async function keptCopyIn(path: string, most?: number): Promise<KeptCopy | undefined> {
  return copyOf((await readList(path, most)).bytes)
}

const LINE_END = 0x0a

/** A line of JSON about the list, and then the list. */
function copyOf([first, ...others]: ListBytes): KeptCopy | undefined {
  const end = first?.indexOf(LINE_END) ?? -1
  if (first === undefined || end === -1) return undefined
  const about: unknown = JSON.parse(Buffer.from(first.subarray(0, end)).toString())
  if (!isRecord(about) || typeof about['updatedAt'] !== 'number') return undefined
  const { etag, updatedAt } = about
  return {
    bytes: [first.subarray(end + 1), ...others],
    etag: typeof etag === 'string' ? etag : undefined,
    updatedAt,
  }
}

/** Does not wait for a reader of a named pipe. */
const FLAGS =
  constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NONBLOCK ?? 0)

/**
 * Writes the copy next to the file first, so that a crash leaves either the old one or the new one.
 */
export async function writeKept(path: string, copy: CopyToKeep): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writePieces(temporary, copy)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

async function writePieces(path: string, { bytes, ...about }: CopyToKeep): Promise<void> {
  const file = await open(path, FLAGS, 0o600)
  try {
    await file.writeFile(`${JSON.stringify(about)}\n`)
    for (const piece of bytes) await file.writeFile(piece)
  } finally {
    await file.close()
  }
}
