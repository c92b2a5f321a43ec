import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('fuzz.mjs', import.meta.url))
const run = promisify(execFile)

/**
 * The short form of the script beside this: few splits. The rule: what
 * comes behind a header reaches a server as it reaches an equal one without a receiver, and ends neither.
 */
test('bytes, half-closes and resets behind a PROXY header are what the server would see without one', async () => {
  const args = [script, '--every', '200', '--random', '1', '--json']
  // What differs or is thrown is in the output, also where the script ends with 1.
  const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 }).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? String(error) }),
  )
  expect(JSON.parse(stdout)).toMatchObject({ different: [], uncaught: [], stuck: [] })
})
