import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { root } from '../code-blocks.js'

/** One building, from the packages as they are built, for all that looks at the site. */
await promisify(execFile)(process.execPath, ['scripts/docs.mjs', 'pages'], { cwd: root })
await import('./pages.js')
await import('./search.js')
await import('./reading.js')
await import('./installed.js')
