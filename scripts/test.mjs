/**
 * `npm test`: installs, builds, type-checks, lints and runs every suite. Arguments go to Vitest:
 * `npm test -- packages/ip`. The last line is `N passed, N failed`.
 */
import './help.mjs'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { providePeers } from './peers.mjs'
import { prepare, run, startToolSteps, tool } from './workspace.mjs'

prepare()
const tsc = tool('typescript', 'tsc')
const checked = startToolSteps([
  ['type-check the tests', tsc, ['-p', 'tsconfig.tests.json']],
  ['type-check the scripts', tsc, ['-p', 'tsconfig.scripts.json']],
  ['lint', tool('@biomejs/biome', 'biome'), ['check', '.']],
])
const notice = providePeers()
await checked()
if (notice !== undefined) console.log(`\n${notice}`)

const folder = mkdtempSync(join(tmpdir(), 'truehop-test-'))
const report = join(folder, 'report.json')
console.log('\n▸ test')
const [node, vitest] = tool('vitest')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const status = run(node, [vitest, 'run', ...reporters, ...process.argv.slice(2)])
const { passed, failed, skipped } = count(report)
rmSync(folder, { recursive: true, force: true })

if (notice !== undefined && skipped > 0) console.log(`\n${notice}`)
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = status === 0 && failed > 0 ? 1 : status

/** A suite that failed before its first test, or a run without a report, still counts as a failure. */
function count(path) {
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numPendingTests = 0,
    numTodoTests = 0,
  } = read(path)
  const failed = status === 0 ? numFailedTests : Math.max(numFailedTests, 1)
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests }
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}
