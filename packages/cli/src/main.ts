#!/usr/bin/env node
import { WRONG_USAGE } from './program/exit-code.js'
import { run } from './program/run.js'

const ended = new AbortController()

/** Only a command that listens asks for it: the others end at once, as usual. */
function endedByPerson(): AbortSignal {
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ended.abort())
  return ended.signal
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `truehop … | head` closes the pipe: nothing reads on, and the exit code still says what was
  // found.
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') {
    ended.abort()
    return
  }
  // A full disk, for example: what is in the file is then not the result.
  process.stderr.write(`truehop: the result cannot be written: ${error.message}\n`)
  process.exit(WRONG_USAGE)
})
// If the error cannot be printed, the exit code still reports it.
process.stderr.on('error', () => {})

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
