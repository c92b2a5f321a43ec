import type { Command } from 'commander'
import type { Terminal } from '../output/terminal.js'
import type { ExitCode } from './exit-code.js'

/** A command line and what it does, for `--help` and the manual. */
export interface Example {
  readonly line: string
  readonly does: string
}

const examples = new WeakMap<Command, readonly Example[]>()

export function examplesOf(command: Command): readonly Example[] {
  return examples.get(command) ?? []
}

/** Shows the examples below the options of `--help`, and keeps them for the manual. */
export function withExamples(command: Command, list: readonly Example[]): Command {
  examples.set(command, list)
  const lines = list.map(({ line, does }) => `  $ ${line}\n      ${does}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

/** What a command gets in addition to its arguments. */
export interface Run {
  readonly terminal: Terminal
  /** Receives how the run ended. */
  end(code: ExitCode): void
}

/** Adds a command to the program. */
export type AddCommand = (program: Command, run: Run) => void
