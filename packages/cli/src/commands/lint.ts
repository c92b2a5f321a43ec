import { Option } from 'commander'
import { inputText, STANDARD_INPUT } from '../evidence/file-bytes.js'
import { type FileFinding, type FixedText, fixText, lintText } from '../lint/lint-file.js'
import { sarifLog } from '../lint/sarif.js'
import { counted } from '../output/counted.js'
import { printable } from '../output/printable.js'
import { coloursOf, print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { FINDING, FINE, WRONG_USAGE } from '../program/exit-code.js'
import { UsageError } from '../program/usage-error.js'
import { replaceFile } from '../program/written-file.js'

/** Least first. */
const SEVERITIES = ['info', 'warning', 'error'] as const

interface Options {
  readonly severity: (typeof SEVERITIES)[number]
  readonly failOn: (typeof SEVERITIES)[number]
  readonly fix?: true
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
    .option('--fix', 'correct in the files what has one right form, and report the rest')
    .option('--json', 'the findings as JSON')
    .option('--sarif', 'the findings as SARIF 2.1.0, for code scanning')
    .action(async (files: string[], options: Options) => {
      const isFixing = options.fix === true
      const { found, corrected, unread } = await lintAll(files, isFixing, run.terminal)
      const findings = found.filter(from(options.severity))
      if (options.sarif === true) printJson(run.terminal, sarifLog(findings))
      else if (options.json === true) {
        printJson(run.terminal, { ...(isFixing ? { corrected } : {}), findings })
      } else {
        printCorrections(run.terminal, corrected)
        printFindings(run.terminal, findings, files.length - unread)
      }
      const isFinding = findings.some(from(options.failOn))
      run.end(unread > 0 ? WRONG_USAGE : isFinding ? FINDING : FINE)
    })
  withExamples(command, [
    { line: 'truehop lint truehop.policy.json', does: 'findings, one a line' },
    { line: 'truehop lint --fix policies/*.yaml', does: 'misspelt names, netmasks, host bits' },
    { line: 'truehop lint --sarif policies/*.json > lint.sarif', does: 'for code scanning' },
    { line: 'truehop lint --severity warning truehop.policy.json', does: 'without mere advice' },
  ])
}

/** Findings of a severity or a higher one. */
function from(least: Options['severity']): (finding: FileFinding) => boolean {
  const counted = SEVERITIES.slice(SEVERITIES.indexOf(least))
  return ({ severity }) => counted.includes(severity)
}

interface Looked {
  readonly found: FileFinding[]
  readonly corrected: FileFinding[]
  /** Files that could not be read, or not be written. */
  readonly unread: number
}

/** A file that cannot be read is reported, and does not hide what is in the others. */
async function lintAll(
  files: readonly string[],
  isFixing: boolean,
  terminal: Terminal,
): Promise<Looked> {
  const looked = { found: [] as FileFinding[], corrected: [] as FileFinding[], unread: 0 }
  for (const file of files) {
    try {
      const text = await inputText(file, terminal)
      const { corrected, findings } = isFixing
        ? fixFile(file, text)
        : { corrected: [], findings: lintText(file, text) }
      looked.found.push(...findings)
      looked.corrected.push(...corrected)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      looked.unread++
      terminal.stderr.write(`truehop: ${printable(error.message, 2000)}\n`)
    }
  }
  return looked
}

function fixFile(file: string, text: string): FixedText {
  if (file === STANDARD_INPUT) throw new UsageError('--fix writes files; name one instead of -')
  const fixed = fixText(file, text)
  if (fixed.corrected.length > 0) replaceFile(file, fixed.text)
  return fixed
}

function printCorrections(terminal: Terminal, corrected: readonly FileFinding[]): void {
  for (const { file, line, column, code, correction } of corrected) {
    const { written = '', instead = '' } = correction ?? {}
    const change = `${printable(JSON.stringify(written))} is now ${JSON.stringify(instead)}`
    print(terminal, `${printable(file)}:${line}:${column}: corrected: ${change} [${code}]`)
  }
}

function printFindings(terminal: Terminal, findings: readonly FileFinding[], files: number): void {
  const colours = coloursOf(terminal)
  const paint = { error: colours.red, warning: colours.yellow, info: colours.cyan }
  for (const { file, line, column, path, severity, code, message } of findings) {
    const place = `${printable(file)}:${line}:${column}: ${path === '' ? '' : `${printable(path)} `}`
    print(terminal, `${place}${paint[severity](severity)} ${printable(message, 2000)} [${code}]`)
  }
  const count = (severity: string) => findings.filter((f) => f.severity === severity).length
  const [errors, warnings] = [
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
  ]
  print(terminal, `${counted(files, 'file')}: ${errors}, ${warnings}, ${count('info')} info`)
}
