import { createReadStream, statSync } from 'node:fs'
import type { Terminal } from '../output/terminal.js'
import { messageOf, UsageError } from '../program/usage-error.js'

/** How a command line names standard input. */
export const STANDARD_INPUT = '-'

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws {UsageError} if it cannot be opened or read.
 */
export async function* inputBytes(
  file: string,
  { stdin }: Pick<Terminal, 'stdin'>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* file === STANDARD_INPUT ? stdin : createReadStream(file)
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Maximum size of a file that is read whole, such as a policy file. */
const MAX_TEXT = 16 * 1024 * 1024

/**
 * The text of a file, or of standard input for `-`.
 *
 * @throws {UsageError} if it cannot be read, or is larger than 16 MiB.
 */
export async function inputText(file: string, terminal: Pick<Terminal, 'stdin'>): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const bytes of inputBytes(file, terminal)) {
    size += bytes.length
    if (size > MAX_TEXT) throw new UsageError(`${file} cannot be read: it is larger than 16 MiB`)
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}

function unreadable(file: string, error: unknown): UsageError {
  return new UsageError(`${file} cannot be read: ${messageOf(error)}`)
}

/** Bytes in a file; undefined for a pipe, for standard input, and if it cannot be determined. */
export function sizeOf(file: string): number | undefined {
  try {
    const stat = statSync(file)
    return file !== STANDARD_INPUT && stat.isFile() ? stat.size : undefined
  } catch {
    return undefined
  }
}
