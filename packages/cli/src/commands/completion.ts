import { Argument } from 'commander'
import { bashCompletion } from '../completion/bash.js'
import { fishCompletion } from '../completion/fish.js'
import { wordsOf } from '../completion/words.js'
import { zshCompletion } from '../completion/zsh.js'
import { printJson } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

/** `truehop completion bash|zsh|fish` */
export const completion: AddCommand = (program, run) => {
  const command = program
    .command('completion')
    .description('Print a completion script for a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .option('--json', 'the shell and its script as JSON')
    .action((shell: keyof typeof SHELLS, options: { readonly json?: true }) => {
      const script = SHELLS[shell](wordsOf(program))
      if (options.json === true) printJson(run.terminal, { shell, script })
      else run.terminal.stdout.write(script)
    })
  withExamples(command, [
    { line: 'source <(truehop completion bash)', does: 'bash, for this session' },
    {
      line: 'truehop completion zsh > ~/.zfunc/_truehop',
      does: 'zsh, where ~/.zfunc is in $fpath',
    },
    {
      line: 'truehop completion fish > ~/.config/fish/completions/truehop.fish',
      does: 'fish, for good',
    },
  ])
}
