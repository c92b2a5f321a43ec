import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('proxy-protocol.mjs', import.meta.url))
const run = promisify(execFile)

/** The short form of `pnpm load`, with the shortest deadline that production allows. */
test('1,000 connections with headers in pieces, 50 silent ones: answered, ended, forgotten', async () => {
  const load = ['--good', '1000', '--silent', '50', '--timeout', '3000', '--json']
  const { stdout } = await run(process.execPath, [script, ...load])
  const result = JSON.parse(stdout)
  expect(result).toMatchObject({
    answered: 1000,
    counters: { accepted: 1000, refused: { timeout: 50 }, pending: 0 },
    openConnections: 0,
    failures: [],
  })
  const { before, after } = result.heapBytes
  expect(after - before).toBeLessThan(1_000_000)
})

test('whoever names no numbers is told', async () => {
  await expect(run(process.execPath, [script, '--good', 'many'])).rejects.toMatchObject({ code: 2 })
})
