import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('h2c.mjs', import.meta.url))
const run = promisify(execFile)

/** The short form of the script beside this: some of the splits. The rule: no bytes end a server. */
test('frames and resets behind a PROXY header end no h2c server, in one read or in two', async () => {
  const { stdout } = await run(process.execPath, [script, '--every', '40', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ withReceiver: [], without: [] })
})
