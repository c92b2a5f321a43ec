/** `npm start`: installs, builds and runs the demonstration; `npm start -- --serve` keeps it running. */
import './help.mjs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { prepare, root } from './workspace.mjs'

prepare()

const main = join(root, 'examples', 'dist', 'demo', 'main.js')
const demo = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' })

// A terminal sends Ctrl-C to both: wait for the demonstration to close what it opened.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => demo.kill('SIGTERM'))
process.on('SIGHUP', () => demo.kill('SIGHUP'))
demo.on('exit', (code) => {
  process.exitCode = code ?? 1
})
