import { FileTurn } from '../ranges/file-turn.js'
import { type ListBytes, textOf } from '../ranges/list-bytes.js'
import { readList, readListNow } from '../ranges/list-file.js'
import type { LiveSource } from '../ranges/live-source.js'
import { PolicyError } from './error.js'
import type { Policy } from './policy.js'
import type { ReadPolicyText } from './policy-text.js'
import { startPolicy } from './start-policy.js'

/** Maximum size of a policy file. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

/** As the public `loadPolicy`, with a reader of the formats that the entry point knows. */
export function loadFile(path: string, read: ReadPolicyText): Policy {
  let text: string
  try {
    text = textIn(readListNow(path).bytes)
  } catch (error) {
    throw unreadable(error, path)
  }
  return startPolicy(read(text, path), path, 'now').policy
}

/** As the public `openPolicy`, likewise. */
export async function openFile(path: string, read: ReadPolicyText): Promise<Policy> {
  let text: string
  try {
    text = textIn((await new FileTurn().take(() => readList(path))).bytes)
  } catch (error) {
    throw unreadable(error, path)
  }
  const { policy, sources } = startPolicy(read(text, path), path, 'later')
  await allReady(sources)
  return policy
}

/** Ranges from a kept copy or a snapshot count as ready, even if the source has failed. */
async function allReady(sources: readonly LiveSource[]): Promise<void> {
  const looks = await Promise.allSettled(sources.map(({ ready }) => ready))
  const failed = looks.find(
    (look, at) => look.status === 'rejected' && sources[at]?.status().size === 0,
  )
  if (failed?.status !== 'rejected') return
  for (const source of sources) source.close()
  throw failed.reason
}

function textIn(bytes: ListBytes): string {
  const length = bytes.reduce((sum, piece) => sum + piece.length, 0)
  if (length > MAX_FILE_BYTES) throw new TooLarge()
  return [...textOf(bytes)].join('')
}

class TooLarge extends Error {}

function unreadable(error: unknown, path: string): PolicyError {
  const why = error instanceof Error ? error.message : String(error)
  const message = error instanceof TooLarge ? 'is larger than 16 MiB' : `cannot be read: ${why}`
  return new PolicyError('bad-file', '', message, path)
}
