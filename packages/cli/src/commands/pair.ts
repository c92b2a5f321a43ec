import { type Command, Option } from 'commander'
import { inputText } from '../evidence/file-bytes.js'
import { type Place, readPlace, readTarget } from '../listen/listening.js'
import { printable } from '../output/printable.js'
import { coloursOf, print, printJson, type Terminal } from '../output/terminal.js'
import { checkFile } from '../pair/check/check-file.js'
import type { Configuration, PairTarget } from '../pair/configuration.js'
import { type HopContract, hopContract } from '../pair/hop-contract.js'
import { refuseOddNames } from '../pair/odd-names.js'
import { PAIR_TARGETS } from '../pair/targets/index.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { type ExitCode, FINDING, FINE } from '../program/exit-code.js'
import { POLICY_OPTION, policyFor } from '../program/policy-option.js'
import { UsageError } from '../program/usage-error.js'

interface Options {
  readonly policy?: string
  readonly target?: string
  readonly rule?: string
  readonly listen: Place
  readonly upstream?: Place
  readonly check?: string
  readonly json?: true
}

/** Where the service is, unless `--upstream` says otherwise. */
const UPSTREAM: Place = { host: '127.0.0.1', port: 3000 }

/** `truehop pair`: the other end of the hop, from the policy. */
export const pair: AddCommand = (program, run) => {
  const command = program
    .command('pair')
    .description(
      'Print the configuration that a policy expects of the hop in front. With --check, show where a configuration and the policy disagree.',
    )
  addOptions(command).action(async (options: Options) => {
    const policy = await policyFor(options.policy, run.terminal)
    const contract = hopContract(policy, options.rule)
    run.end(
      options.check === undefined
        ? printPair(contract, options, run.terminal)
        : await check(contract, options, options.check, run.terminal),
    )
  })
  withExamples(command, [
    {
      line: 'truehop pair --policy p.json --target haproxy --upstream 10.0.1.7:3000',
      does: 'the section of haproxy.cfg',
    },
    {
      line: 'truehop pair --policy p.json --check /etc/nginx/nginx.conf --upstream 10.0.1.7:3000',
      does: 'whether nginx does what the policy expects',
    },
    {
      line: 'truehop pair --policy p.json --check attributes.json',
      does: 'the same for the output of aws elbv2 describe-target-group-attributes',
    },
  ])
}

function addOptions(command: Command): Command {
  return command
    .option('--policy <file>', POLICY_OPTION)
    .addOption(
      new Option('--target <name>', 'what stands in front').choices(
        PAIR_TARGETS.map(({ name }) => name),
      ),
    )
    .option('--rule <name>', 'the rule of that hop; the first one where absent')
    .addOption(
      new Option('--listen <host:port>', 'where the hop accepts')
        .argParser((text) => readPlace(text))
        .default({ host: '0.0.0.0', port: 80 } satisfies Place, '0.0.0.0:80'),
    )
    .option(
      '--upstream <host:port>',
      'where the service is; 127.0.0.1:3000 where absent',
      readTarget,
    )
    .option('--check <file>', 'a configuration to compare with the policy; - is standard input')
    .option('--json', 'the result as JSON')
}

function printPair(contract: HopContract, options: Options, terminal: Terminal): ExitCode {
  const target = chosen(options.target, contract)
  const ends = { listen: options.listen, upstream: options.upstream ?? UPSTREAM }
  const written = target.write(contract, ends)
  const { text } = written
  refuseOddNames(text, contract, target.name)
  const notes = [...contract.notes, ...written.notes]
  if (options.json === true) {
    printJson(terminal, { target: target.name, file: target.file, contract, text, notes })
  } else {
    printConfiguration(target, contract, { text, notes }, terminal)
  }
  return FINE
}

function chosen(name: string | undefined, { sends, asserts }: HopContract): PairTarget {
  const able = PAIR_TARGETS.filter((target) => target.sends.includes(sends))
  const names = able.map((target) => target.name).join(', ')
  if (name === undefined) {
    throw new UsageError(`what stands in front? Write --target with one of: ${names}`)
  }
  const target = able.find((one) => one.name === name)
  if (target === undefined) {
    throw new UsageError(`${name} cannot send ${asserts}; write --target with one of: ${names}`)
  }
  return target
}

/** The text alone on standard output: it may go straight into a file. */
function printConfiguration(
  { file }: PairTarget,
  { rule }: HopContract,
  { text, notes }: Configuration,
  terminal: Terminal,
): void {
  terminal.stdout.write(text)
  const { stderr } = terminal
  stderr.write(`For rule ${printable(rule)}, to go into ${file}.\n`)
  for (const note of notes) stderr.write(`- ${printable(note, 2000)}\n`)
}

async function check(
  contract: HopContract,
  { upstream, json }: Options,
  file: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const { format, findings, notUnderstood } = checkFile(
    file,
    await inputText(file, terminal),
    contract,
    upstream,
  )
  if (json === true) {
    printJson(terminal, { file, format, findings, notUnderstood })
  } else {
    const colours = coloursOf(terminal)
    for (const { place, code, message } of findings) {
      const at = `${printable(file)}:${printable(place)}`
      print(terminal, `${at}: ${colours.red('error')} ${printable(message, 2000)} [${code}]`)
    }
    for (const { place, text } of notUnderstood) {
      print(terminal, `${printable(file)}:${printable(place)}: not understood: ${printable(text)}`)
    }
    if (findings.length === 0) {
      const far = notUnderstood.length > 0 ? ', as far as it was understood' : ''
      print(terminal, `${printable(file)}: agrees with the policy${far} (read as ${format})`)
    }
  }
  return findings.length > 0 ? FINDING : FINE
}
