import { createReadStream, statSync } from 'node:fs'
import { messageOf, UsageError } from '../program/usage-error.js'

/**
 * The bytes of a file.
 *
 * @throws {UsageError} where it cannot be opened or read.
 */
export async function* fileBytes(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file)
  } catch (error) {
    throw unreadable(file, error)
  }
}

export function unreadable(file: string, error: unknown): UsageError {
  return new UsageError(`${file} cannot be read: ${messageOf(error)}`)
}

/** Bytes in a file; undefined of a pipe, and of what cannot be looked at. */
export function sizeOf(file: string): number | undefined {
  try {
    const stat = statSync(file)
    return stat.isFile() ? stat.size : undefined
  } catch {
    return undefined
  }
}
