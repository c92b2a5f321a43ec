import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('proxy-protocol.mjs', import.meta.url))
const run = promisify(execFile)

/** The short form of `pnpm load`, with the shortest deadline that production allows. */
test('1,000 connections with headers in pieces, 50 silent, 50 slow ones: answered, ended, forgotten', async () => {
  const counts = ['--good', '1000', '--silent', '50', '--slow', '50']
  const load = [script, ...counts, '--timeout', '3000', '--json']
  const { stdout } = await run(process.execPath, load)
  const result = JSON.parse(stdout)
  expect(result).toMatchObject({
    answered: 1000,
    counters: { accepted: 1000, refused: { timeout: 100 }, pending: 0 },
    openConnections: 0,
    failures: [],
  })
  for (const { before, after } of [result.heapBytes, result.bufferBytes]) {
    expect(after - before).toBeLessThan(1_000_000)
  }
})

test('a run without numbers is told what to write', async () => {
  await expect(run(process.execPath, [script, '--good', 'many'])).rejects.toMatchObject({ code: 2 })
})
