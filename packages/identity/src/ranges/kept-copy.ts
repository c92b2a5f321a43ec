import { readFileSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isRecord } from '@truehop/options'

/** The last good copy of a list, as it was received. */
export interface KeptCopy {
  readonly text: string
  readonly etag: string | undefined
  /** Milliseconds since 1970. */
  readonly updatedAt: number
}

/** The copy in the file; undefined where there is none that can be read. */
export function readKept(path: string): KeptCopy | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (!isRecord(value)) return undefined
    const { text, etag, updatedAt } = value
    if (typeof text !== 'string' || typeof updatedAt !== 'number') return undefined
    return { text, etag: typeof etag === 'string' ? etag : undefined, updatedAt }
  } catch {
    return undefined
  }
}

/** UTF-16 units that are written at a time. */
const PIECE = 65_536

/**
 * Writes the copy beside the file first, so that a crash leaves the old one or the new one. In pieces:
 * a list may be of many megabytes.
 */
export async function writeKept(path: string, { text, ...about }: KeptCopy): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.write(`${JSON.stringify(about).slice(0, -1)},"text":"`)
    for (let at = 0; at < text.length; at += PIECE) {
      // Without the quotes; half a surrogate pair is escaped, and whole again with the next piece.
      await file.write(JSON.stringify(text.slice(at, at + PIECE)).slice(1, -1))
    }
    await file.write('"}')
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}
