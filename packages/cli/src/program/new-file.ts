import { writeFileSync } from 'node:fs'
import { messageOf, UsageError } from './usage-error.js'

/**
 * Writes a file that does not exist yet, or with `force` one that does.
 *
 * @throws {UsageError} if it exists, or cannot be written.
 */
export function writeNewFile(path: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw new UsageError(
      isThere
        ? `${path} already exists; write --force to replace it`
        : `${path} cannot be written: ${messageOf(error)}`,
    )
  }
}
