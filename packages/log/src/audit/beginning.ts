import type { AuditFile } from './audit-file.js'
import { GENESIS, type Head } from './chain.js'
import type { AuditKeys } from './keys/audit-keys.js'
import { own, started } from './own-records.js'

/** Where a trail goes on from. */
export interface Beginning {
  /** The record to begin with. */
  readonly first: string
  readonly head: Head
  /** Ends the line that a crash left unfinished. */
  readonly lineEnd: '' | '\n'
  /** Bytes of that line. */
  readonly torn: number
}

export interface BeginningOf {
  readonly file: AuditFile | undefined
  readonly keys: AuditKeys | undefined
  /** What a new file is to be chained to. */
  readonly after: Head | undefined
  report(error: unknown): void
}

/** Throws file system errors, and for a key file that was put back. */
export function beginningOf(trail: BeginningOf): Beginning {
  const { file } = trail
  return file !== undefined && file.size > 0 ? resumed(file, trail) : begun(trail)
}

/** The first record in a file that has some. */
function resumed(file: AuditFile, { keys }: BeginningOf): Beginning {
  const { head, seal, isUnended, torn, tornHash } = file.end()
  // A key file that was put back would seal every record with keys that have been used.
  if (seal !== undefined) keys?.follow(seal)
  const skippedKeys = keys?.skippedAfter(seal)
  return {
    first: own('audit.resumed', { torn, tornHash, skippedKeys }),
    head: head ?? GENESIS,
    lineEnd: torn > 0 || isUnended ? '\n' : '',
    torn,
  }
}

/** The first record of a new file. */
function begun(trail: BeginningOf): Beginning {
  const { keys, after } = trail
  if (after !== undefined) {
    return { first: own('audit.continued'), head: after, lineEnd: '', torn: 0 }
  }
  const before = predecessorOf(trail)
  if (before?.seal !== undefined) keys?.follow(before.seal)
  const skippedKeys = keys?.skippedAfter(before?.seal)
  const first =
    before === undefined
      ? started({ skippedKeys })
      : own('audit.continued', { from: before.from, skippedKeys })
  return { first, head: before?.head ?? GENESIS, lineEnd: '', torn: 0 }
}

function predecessorOf({ file, report }: BeginningOf): ReturnType<AuditFile['predecessor']> {
  try {
    return file?.predecessor()
  } catch (error) {
    // A directory that only allows files to be created: a trail of its own is better than none.
    report(error)
    return undefined
  }
}
