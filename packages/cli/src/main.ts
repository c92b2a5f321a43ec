#!/usr/bin/env node
import { run } from './run.js'

const ended = new AbortController()

/** Only a command that listens asks for it: the others end at once, as programs do. */
function endedByPerson(): AbortSignal {
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ended.abort())
  return ended.signal
}

// `truehop … | head` closes the pipe: nobody reads on, and that is no fault.
process.stdout.on('error', () => process.exit(0))

const { stdin, stdout, stderr, env: environment } = process
process.exitCode = await run(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  environment,
  get signal() {
    return endedByPerson()
  },
})
