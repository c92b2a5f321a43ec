import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

/**
 * Replaces what is in a file, as a whole or not at all; if the name is a link, in the file that it
 * leads to. Its permissions stay.
 *
 * @throws {UsageError} if that cannot be written.
 */
export function replaceFile(path: string, text: string): void {
  try {
    const file = realpathSync(path)
    const { mode } = statSync(file)
    const beside = `${file}.${process.pid}.new`
    try {
      writeFileSync(beside, text, { flag: 'wx', mode })
      chmodSync(beside, mode)
      renameSync(beside, file)
    } finally {
      rmSync(beside, { force: true })
    }
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${messageOf(error)}`)
  }
}
