import { Command } from 'commander'
import { audit } from '../commands/audit.js'
import { completion } from '../commands/completion.js'
import { doctor } from '../commands/doctor.js'
import { explain } from '../commands/explain.js'
import { init } from '../commands/init.js'
import { inspect } from '../commands/inspect.js'
import { limit } from '../commands/limit.js'
import { lint } from '../commands/lint.js'
import { list } from '../commands/list.js'
import { listen } from '../commands/listen.js'
import { mask } from '../commands/mask.js'
import { pair } from '../commands/pair.js'
import { relay } from '../commands/relay.js'
import { suggest } from '../commands/suggest.js'
import { firstSentence } from '../completion/words.js'
import type { Screen } from '../output/terminal.js'
import { type AddCommand, type Run, withExamples } from './command.js'
import { version } from './version.js'

const COMMANDS: readonly AddCommand[] = [
  explain,
  lint,
  init,
  suggest,
  pair,
  doctor,
  listen,
  relay,
  inspect,
  audit,
  mask,
  limit,
  list,
  completion,
]

/** Columns of help: those of the terminal, 100 at most. */
const widthOf = ({ columns = 100 }: Screen): number => Math.max(40, Math.min(columns, 100))

/** The command line's definition; help and completion are made from it too. */
export function makeProgram(run: Run): Command {
  const { stdout, stderr } = run.terminal
  const program = new Command('truehop')
    .description('Inspect, check and test a chain of proxies before it goes live.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(see --help)')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => widthOf(stdout),
      getErrHelpWidth: () => widthOf(stderr),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    // Commander's own 40 leaves what is beside a long option to be broken by a narrow terminal.
    .configureHelp({ minWidthToWrap: 12 })
  withExamples(program, [
    {
      line: 'truehop lint truehop.policy.json',
      does: 'what a policy says but may not mean',
    },
    { line: 'truehop doctor 127.0.0.1:8080', does: 'how a listener treats PROXY headers' },
    { line: 'truehop explain --help', does: 'everything about one command' },
  ])
  program.addHelpText('after', '\nExit codes: 0 fine, 1 a finding, 2 wrong usage.')
  for (const add of COMMANDS) add(program, run)
  for (const command of program.commands) command.summary(firstSentence(command.description()))
  return program
}
