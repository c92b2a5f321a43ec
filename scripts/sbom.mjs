// Writes sbom.cdx.json: what the published packages need at run time, as CycloneDX 1.6.
//
//   npm run sbom [-- file]

import './help.mjs'
import { join } from 'node:path'
import { AT_RUN_TIME, pnpmOutput } from './pnpm.mjs'
import { root } from './workspace.mjs'

const path = process.argv[2] ?? join(root, 'sbom.cdx.json')
const format = ['--sbom-format=cyclonedx', '--sbom-spec-version=1.6']
pnpmOutput('sbom', ...format, ...AT_RUN_TIME, '--exclude-peers', `--out=${path}`)
console.log(path)
