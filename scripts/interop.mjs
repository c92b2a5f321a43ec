/** `npm run interop`: the long run of test/interop, which writes docs/interop.md and its badge. */
import { providePeers } from './peers.mjs'
import { run, tool } from './workspace.mjs'

const notice = providePeers({ otherReleases: true })
if (notice !== undefined) console.log(`\n${notice}`)
const [node, vitest] = tool('vitest')
const env = { ...process.env, CI: 'true', TRUEHOP_INTEROP: 'long' }
process.exitCode = run(node, [vitest, 'run', 'test/interop/interop.test.ts'], { env })
