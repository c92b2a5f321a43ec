import { writeFileSync } from 'node:fs'
import { LogError } from '../../log-error.js'
import { isName, newSignerKey } from './note-keys.js'

/**
 * Creates the signing key of one trail's checkpoints, readable by its owner alone, and returns the
 * public key for `verifyAudit` and for witnesses. `name` is the origin of the checkpoints, such as
 * `example.com/audit/app-1`.
 *
 * @throws {LogError} for a name with spaces or `+`; file system errors, also for a file that is there.
 */
export function createCheckpointKey(file: string, name: string): string {
  if (!isName(name)) {
    const example = 'write a name such as example.com/audit/app-1'
    throw new LogError('bad-option', 'name', `must have neither spaces nor +; ${example}`)
  }
  const { signer, verifier } = newSignerKey(name)
  writeFileSync(file, `${signer}\n`, { flag: 'wx', mode: 0o600 })
  return verifier
}
