// How much of each package's sources its suites run, by lines and by branches. A report without a
// threshold: what is run is not yet looked at; `pnpm mutate` asks that.
//
//   pnpm coverage                          the suites of the packages, the vectors and the attacks
//   pnpm coverage packages/ip              some suites, as with npm test; packages they do not reach are left out
//
// Programs that a suite starts run what the build wrote and are not counted. Lines that no suite
// reaches are in coverage/index.html.

import './help.mjs'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, run, tool } from './workspace.mjs'

const SUITES = ['packages/', 'test/vectors', 'test/consistency', 'test/spoofing', 'test/bad-input']

const suites = process.argv.slice(2)
const [node, script] = tool('vitest')
const status = run(node, [
  script,
  'run',
  // Counting makes a million prefixes several times as slow.
  '--testTimeout=300000',
  '--coverage.enabled',
  '--coverage.provider=v8',
  '--coverage.include=packages/*/src/**/*.ts',
  '--coverage.reporter=html',
  '--coverage.reporter=json-summary',
  ...(suites.length > 0 ? suites : SUITES),
])
if (status === 0) print(byPackage(join(root, 'coverage/coverage-summary.json')))
process.exitCode = status

/** Lines and branches of all files of a package together. */
function byPackage(path) {
  const { total, ...files } = JSON.parse(readFileSync(path, 'utf8'))
  const packages = new Map()
  for (const [file, { lines, branches }] of Object.entries(files)) {
    const name = relative(join(root, 'packages'), file).split(/[/\\]/)[0]
    const sum = packages.get(name) ?? { lines: empty(), branches: empty() }
    add(sum.lines, lines)
    add(sum.branches, branches)
    packages.set(name, sum)
  }
  const reached = [...packages].filter(([, { lines }]) => lines.covered > 0)
  return suites.length > 0 ? reached : [...reached, ['all', total]]
}

function empty() {
  return { covered: 0, total: 0 }
}

function add(sum, { covered, total }) {
  sum.covered += covered
  sum.total += total
}

function print(rows) {
  console.log(`\n${'package'.padEnd(16)}${'lines'.padStart(22)}${'branches'.padStart(22)}`)
  for (const [name, { lines, branches }] of rows) {
    console.log(`${name.padEnd(16)}${share(lines).padStart(22)}${share(branches).padStart(22)}`)
  }
}

function share({ covered, total }) {
  const percent = total === 0 ? '100.0' : ((100 * covered) / total).toFixed(1)
  return `${percent} % (${covered}/${total})`
}
