/**
 * `npm run interop`: the long run of test/interop, which writes docs/interop.md and its badge, and of
 * what `truehop pair` writes, with the programs of other Debian releases.
 */
import './help.mjs'
import { providePeers } from './peers.mjs'
import { run, tool } from './workspace.mjs'

const notice = providePeers({ otherReleases: true })
if (notice !== undefined) console.log(`\n${notice}`)
const SUITES = ['test/interop/interop.test.ts', 'test/cli/pair.test.ts']
const [node, vitest] = tool('vitest')
const env = { ...process.env, CI: 'true', TRUEHOP_INTEROP: 'long' }
process.exitCode = run(node, [vitest, 'run', ...SUITES], { env })
