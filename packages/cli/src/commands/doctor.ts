import { examine } from '../doctor/examine.js'
import { findingsOf } from '../doctor/findings.js'
import { doctorJson, printExamination } from '../doctor/report.js'
import { findTarget } from '../doctor/target.js'
import { readTarget } from '../listen/listening.js'
import { printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { type ExitCode, FINDING, FINE } from '../program/exit-code.js'
import { wholeNumber } from '../program/option-values.js'
import { readPolicy } from '../program/policy-option.js'
import { UsageError } from '../program/usage-error.js'

interface Options {
  readonly tls?: true
  readonly policy?: string
  readonly path: string
  readonly timeout: number
  readonly yesIOperateThisHost?: true
  readonly json?: true
}

/** `truehop doctor HOST:PORT` */
export const doctor: AddCommand = (program, run) => {
  const command = program
    .command('doctor')
    .description(
      'Probe a listener that you operate: which PROXY protocol contract it implements, what it answers wrongly, what health checks would see, what to change. Opens up to 20 connections, four at a time.',
    )
    .argument('<host:port>', 'the listener; an IPv6 address in brackets')
    .option('--tls', 'the listener speaks TLS, after the header if there is one')
    .option('--policy <file>', 'compare with this policy')
    .option('--path <path>', 'ask for a page that shows the client, such as /whoami', '/')
    .option('--timeout <ms>', 'how long to wait for each answer', wholeNumber(100, 60_000), 4000)
    .option('--yes-i-operate-this-host', 'probe an address that is neither loopback nor private')
    .option('--json', 'the examination as JSON')
    .action(async (place: string, options: Options) => {
      run.end(await diagnose(place, options, run.terminal))
    })
  withExamples(command, [
    { line: 'truehop doctor 127.0.0.1:8080', does: 'the contract of a listener' },
    {
      line: 'truehop doctor 127.0.0.1:8443 --tls --policy truehop.policy.json --path /whoami',
      does: 'and whether it names the clients that the policy names',
    },
  ])
}

async function diagnose(text: string, options: Options, terminal: Terminal): Promise<ExitCode> {
  const { path, timeout } = options
  if (!/^\/[\u0021-\u007e]*$/.test(path))
    throw new UsageError('--path takes a path such as /whoami')
  const policy =
    options.policy === undefined ? undefined : await readPolicy(options.policy, terminal)
  const target = await findTarget(readTarget(text), options.yesIOperateThisHost === true)
  const examination = await examine(target, { tls: options.tls === true, path, timeout })
  const findings = findingsOf(examination, policy)
  if (options.json === true) printJson(terminal, doctorJson(examination, findings))
  else printExamination(terminal, examination, findings)
  return findings.some(({ severity }) => severity !== 'info') ? FINDING : FINE
}
