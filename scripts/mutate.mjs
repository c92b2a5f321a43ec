// Changes the sources of a package in small ways, and tells which changes its suites do not notice.
//
//   pnpm mutate forwarded
//   pnpm mutate identity walk.ts claims.ts
//   pnpm mutate proxy-protocol 'wire/*.ts'
//
// Minutes to an hour a package, on one core. The report is in reports/mutation.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, tool } from './workspace.mjs'

const [folder, ...files] = process.argv.slice(2)
if (folder === undefined || !existsSync(join(root, 'packages', folder, 'src'))) {
  console.error('write the name of a folder in packages/, and files of its src/ if not all of them')
  process.exit(2)
}
const sources = `packages/${folder}/src`
const mutate = files.length > 0 ? files : ['**/*.ts']
const [node, script] = tool('@stryker-mutator/core', 'stryker')
process.exitCode = run(node, [script, 'run'], {
  env: {
    ...process.env,
    MUTATE: mutate.map((file) => `${sources}/${file}`).join(' '),
    MUTATE_PACKAGE: folder,
  },
})
