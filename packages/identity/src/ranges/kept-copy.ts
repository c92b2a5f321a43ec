import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRecord } from '../policy/checks.js'

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

/** Writes the copy beside the file first, so that a crash leaves the old one or the new one. */
export function writeKept(path: string, copy: KeptCopy): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, JSON.stringify(copy), { mode: 0o600 })
  renameSync(temporary, path)
}
