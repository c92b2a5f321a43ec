#!/usr/bin/env node
import { run } from './run.js'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends the process at once.
  process.once(signal, () => ended.abort())
}
// `truehop … | head` closes the pipe: nobody reads on, and that is no fault.
process.stdout.on('error', () => process.exit(0))

const { stdin, stdout, stderr, env: environment } = process
const terminal = { stdin, stdout, stderr, environment, signal: ended.signal }
process.exitCode = await run(process.argv.slice(2), terminal)
