// Changes the sources of a package in small ways, and tells which changes its suites do not notice.
//
//   pnpm mutate forwarded
//   pnpm mutate identity walk.ts claims.ts
//   pnpm mutate proxy-protocol 'wire/*.ts' --suites 'packages/proxy-protocol/test/wire/*.test.ts'
//
// The suites are those of the package and of its vectors, or the ones that --suites names. Minutes to
// an hour a package, on one core. The report is in reports/mutation.

import './help.mjs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, run, tool } from './workspace.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { suites: { type: 'string', multiple: true } },
})
const [folder, ...files] = positionals
if (folder === undefined || !existsSync(join(root, 'packages', folder, 'src'))) {
  console.error('write the name of a folder in packages/, and files of its src/ if not all of them')
  process.exit(2)
}
const sources = `packages/${folder}/src`
const absent = files.find((file) => !file.includes('*') && !existsSync(join(root, sources, file)))
if (absent !== undefined) {
  console.error(`there is no ${sources}/${absent}; write files from that folder on, as wire/v1.ts`)
  process.exit(2)
}
const mutate = files.length > 0 ? files : ['**/*.ts']
const suites = values.suites ?? [
  `packages/${folder}/test/**/*.test.ts`,
  `test/vectors/${folder}.test.ts`,
]
const [node, script] = tool('@stryker-mutator/core', 'stryker')
process.exitCode = run(node, [script, 'run'], {
  env: {
    // Most mutants fall to the first inputs; each suite runs hundreds of times.
    TRUEHOP_RUNS: '300',
    ...process.env,
    MUTATE: mutate.map((file) => `${sources}/${file}`).join(' '),
    MUTATE_SUITES: suites.join(' '),
  },
})
