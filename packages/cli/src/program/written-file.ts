import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { messageOf, UsageError } from './usage-error.js'

/**
 * Writes a file that does not exist yet, or with `force` one that does. `mode` is what a new one may
 * be used for, and by whom.
 *
 * @throws {UsageError} if it exists, or cannot be written.
 */
export function writeNewFile(path: string, text: string, force: boolean, mode = 0o666): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx', mode })
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
 * leads to. Its permissions and its owner stay: a service that could read it still can.
 *
 * @throws {UsageError} if that cannot be written.
 */
export function replaceFile(path: string, text: string): void {
  try {
    const file = realpathSync(path)
    const beside = `${file}.${process.pid}.new`
    // One that is there already is somebody else's: neither written to nor removed.
    const made = openSync(beside, 'wx', 0o600)
    try {
      fill(made, text, statSync(file))
      renameSync(beside, file)
    } catch (error) {
      rmSync(beside, { force: true })
      throw error
    }
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${messageOf(error)}`)
  }
}

/** By the descriptor: whatever the name leads to meanwhile. */
function fill(made: number, text: string, { mode, uid, gid }: Stats): void {
  try {
    writeFileSync(made, text)
    const own = fstatSync(made)
    if (own.uid !== uid || own.gid !== gid) fchownSync(made, uid, gid)
    fchmodSync(made, mode)
  } finally {
    closeSync(made)
  }
}
