import { writeFileSync } from 'node:fs'
import { messageOf, UsageError } from './usage-error.js'

/**
 * Writes a file that is not there yet, or with `force` one that is.
 *
 * @throws {UsageError} where it is there, or cannot be written.
 */
export function writeNewFile(path: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw new UsageError(
      isThere
        ? `${path} is there already; write --force to replace it`
        : `${path} cannot be written: ${messageOf(error)}`,
    )
  }
}
