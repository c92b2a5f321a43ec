import { Option } from 'commander'
import { type FileFinding, lintFile } from '../lint/lint-file.js'
import { sarifLog } from '../lint/sarif.js'
import { printable } from '../output/printable.js'
import { coloursOf, print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'

/** Least first. */
const SEVERITIES = ['info', 'warning', 'error'] as const

interface Options {
  readonly severity: (typeof SEVERITIES)[number]
  readonly json?: true
  readonly sarif?: true
}

/** `truehop lint FILE…` */
export const lint: AddCommand = (program, run) => {
  const command = program
    .command('lint')
    .description(
      'Find what a policy file may not mean as it is written, and what makes it invalid.',
    )
    .argument('<files...>', 'policy files')
    .addOption(
      new Option('--severity <least>', 'leave out findings of lesser severity')
        .choices(SEVERITIES)
        .default('info'),
    )
    .option('--json', 'the findings as JSON')
    .option('--sarif', 'the findings as SARIF 2.1.0, for code scanning')
    .action((files: string[], options: Options) => {
      const asked = SEVERITIES.slice(SEVERITIES.indexOf(options.severity))
      const findings = files.flatMap(lintFile).filter(({ severity }) => asked.includes(severity))
      if (options.sarif === true) printJson(run.terminal, sarifLog(findings))
      else if (options.json === true) printJson(run.terminal, { findings })
      else printFindings(run.terminal, findings, files.length)
      run.end(findings.length > 0 ? FINDING : FINE)
    })
  withExamples(command, [
    { line: 'truehop lint truehop.policy.json', does: 'findings, one a line' },
    { line: 'truehop lint --sarif policies/*.json > lint.sarif', does: 'for code scanning' },
    { line: 'truehop lint --severity warning truehop.policy.json', does: 'without mere advice' },
  ])
}

function printFindings(terminal: Terminal, findings: readonly FileFinding[], files: number): void {
  const colours = coloursOf(terminal)
  const paint = { error: colours.red, warning: colours.yellow, info: colours.cyan }
  for (const { file, line, path, severity, code, message } of findings) {
    const place = `${printable(file)}:${line}: ${path === '' ? '' : `${printable(path)} `}`
    print(terminal, `${place}${paint[severity](severity)} ${printable(message, 2000)} [${code}]`)
  }
  const count = (severity: string) => findings.filter((f) => f.severity === severity).length
  const counts = ['error', 'warning', 'info'].map((severity) => `${count(severity)} ${severity}`)
  print(terminal, `${files} ${files === 1 ? 'file' : 'files'}: ${counts.join(', ')}`)
}
