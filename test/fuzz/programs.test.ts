import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { targets } from './targets.js'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'truehop-seeds-'))
const names = targets.map(({ name }) => name).sort()

const node = async (...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, args)).stdout

/** What fuzzers load is what the compiler wrote, beside the packages as built. */
describe('the programs that feed the targets', () => {
  beforeAll(async () => {
    await node('node_modules/typescript/bin/tsc', '-p', 'test/fuzz/tsconfig.json')
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('npm run fuzz feeds each of them', async () => {
    const printed = await node('scripts/fuzz.mjs', '--inputs', '20', '--seed', '3')
    const fed = [...printed.matchAll(/^(\w+), seed 3\n20 inputs in .*, no failure$/gm)]
    expect(fed.map(([, name]) => name).sort()).toEqual(names)
  })

  test('each stands in oss-fuzz, and takes its seeds and random bytes as Jazzer.js gives them', async () => {
    const calls: Record<string, number> = JSON.parse(await node('test/fuzz/call-targets.mjs'))
    expect(Object.keys(calls).sort()).toEqual(names)
    expect(Object.values(calls)).not.toContain(0)
  })

  test('the seeds are written as files, in a folder for each', async () => {
    await node('oss-fuzz/write-seeds.mjs', folder)
    expect(readdirSync(folder).sort()).toEqual(names)
    for (const name of names) expect(readdirSync(join(folder, name)).length).toBeGreaterThan(20)
  })
})
