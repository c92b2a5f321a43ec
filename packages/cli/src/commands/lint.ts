import { Option } from 'commander'
import { inputText } from '../evidence/file-bytes.js'
import { type FileFinding, lintText } from '../lint/lint-file.js'
import { sarifLog } from '../lint/sarif.js'
import { counted } from '../output/counted.js'
import { printable } from '../output/printable.js'
import { coloursOf, print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { FINDING, FINE, WRONG_USAGE } from '../program/exit-code.js'
import { UsageError } from '../program/usage-error.js'

/** Least first. */
const SEVERITIES = ['info', 'warning', 'error'] as const

interface Options {
  readonly severity: (typeof SEVERITIES)[number]
  readonly failOn: (typeof SEVERITIES)[number]
  readonly json?: true
  readonly sarif?: true
}

/** `truehop lint FILE…` */
export const lint: AddCommand = (program, run) => {
  const command = program
    .command('lint')
    .description('Find what makes a policy file invalid, and what it says but may not mean.')
    .argument('<files...>', 'policy files; - is standard input')
    .addOption(
      new Option('--severity <least>', 'leave out findings of lesser severity')
        .choices(SEVERITIES)
        .default('info'),
    )
    .addOption(
      new Option('--fail-on <least>', 'exit with 1 for findings of this severity or above')
        .choices(SEVERITIES)
        .default('warning'),
    )
    .option('--json', 'the findings as JSON')
    .option('--sarif', 'the findings as SARIF 2.1.0, for code scanning')
    .action(async (files: string[], options: Options) => {
      const { found, unread } = await lintAll(files, run.terminal)
      const findings = found.filter(from(options.severity))
      if (options.sarif === true) printJson(run.terminal, sarifLog(findings))
      else if (options.json === true) printJson(run.terminal, { findings })
      else printFindings(run.terminal, findings, files.length - unread)
      const isFinding = findings.some(from(options.failOn))
      run.end(unread > 0 ? WRONG_USAGE : isFinding ? FINDING : FINE)
    })
  withExamples(command, [
    { line: 'truehop lint truehop.policy.json', does: 'findings, one a line' },
    { line: 'truehop lint --sarif policies/*.json > lint.sarif', does: 'for code scanning' },
    { line: 'truehop lint --severity warning truehop.policy.json', does: 'without mere advice' },
  ])
}

/** Those of a severity or a higher one. */
function from(least: Options['severity']): (finding: FileFinding) => boolean {
  const counted = SEVERITIES.slice(SEVERITIES.indexOf(least))
  return ({ severity }) => counted.includes(severity)
}

/** A file that cannot be read is reported, and does not hide what is in the others. */
async function lintAll(
  files: readonly string[],
  terminal: Terminal,
): Promise<{ found: FileFinding[]; unread: number }> {
  const found: FileFinding[] = []
  let unread = 0
  for (const file of files) {
    try {
      found.push(...lintText(file, await inputText(file, terminal)))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      unread++
      terminal.stderr.write(`truehop: ${printable(error.message, 2000)}\n`)
    }
  }
  return { found, unread }
}

function printFindings(terminal: Terminal, findings: readonly FileFinding[], files: number): void {
  const colours = coloursOf(terminal)
  const paint = { error: colours.red, warning: colours.yellow, info: colours.cyan }
  for (const { file, line, column, path, severity, code, message } of findings) {
    const place = `${printable(file)}:${line}:${column}: ${path === '' ? '' : `${printable(path)} `}`
    print(terminal, `${place}${paint[severity](severity)} ${printable(message, 2000)} [${code}]`)
  }
  const count = (severity: string) => findings.filter((f) => f.severity === severity).length
  const counts = ['error', 'warning', 'info'].map((severity) => `${count(severity)} ${severity}`)
  print(terminal, `${counted(files, 'file')}: ${counts.join(', ')}`)
}
