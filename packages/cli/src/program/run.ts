import { PolicyError } from '@truehop/identity'
import { CommanderError } from 'commander'
import { printable } from '../output/printable.js'
import type { Terminal } from '../output/terminal.js'
import type { Run } from './command.js'
import { type ExitCode, FINE, WRONG_USAGE } from './exit-code.js'
import { makeProgram } from './program.js'
import { UsageError } from './usage-error.js'

/**
 * Runs one command line, without the program's own name: `['lint', 'policy.json']`. Resolves to the
 * exit code: 0 fine, 1 a finding, 2 wrong usage; rejects only for a fault in this program.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = FINE
  const own: Run = {
    terminal,
    end(ended) {
      code = ended
    },
  }
  try {
    await makeProgram(own).parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return explained(error, terminal)
  }
}

function explained(error: unknown, { stderr }: Terminal): ExitCode {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? FINE : WRONG_USAGE
  if (!(error instanceof UsageError || error instanceof PolicyError)) throw error
  stderr.write(`truehop: ${printable(error.message, 2000)}\n`)
  return WRONG_USAGE
}
