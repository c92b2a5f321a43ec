import { execFileSync } from 'node:child_process'
import { root } from '../code-blocks.js'

/** Builds the site once for all of its suites, from the packages as they are built. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/docs.mjs', 'pages'], { cwd: root, stdio: 'pipe' })
}
