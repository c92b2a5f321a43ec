import { readFileSync } from 'node:fs'
import { addressPrivacy, LogError, type PrivacyOptions } from '@truehop/log'
import { Option } from 'commander'
import { inputBytes, STANDARD_INPUT } from '../evidence/file-bytes.js'
import { type Line, linesOf } from '../evidence/lines.js'
import { unzipped } from '../evidence/unzip.js'
import { maskLine } from '../mask/mask-line.js'
import type { Masking } from '../mask/masked.js'
import { counted } from '../output/counted.js'
import { GatheredOutput } from '../output/gathered-output.js'
import { printable } from '../output/printable.js'
import type { Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'
import { wholeNumber } from '../program/option-values.js'
import { messageOf, UsageError } from '../program/usage-error.js'

interface Options {
  readonly address: 'truncated' | 'hmac' | 'none'
  readonly ipv4?: number
  readonly ipv6?: number
  readonly keyFile?: string
  readonly period?: number
  readonly everywhere?: true
  readonly json?: true
}

/** Bytes of a line; a longer one is kept out. */
const MAX_LINE = 1_048_576

/** Lines kept out that are named; further ones are counted. */
const MAX_NAMED = 20

/** `truehop mask FILE…` */
export const mask: AddCommand = (program, run) => {
  const command = program
    .command('mask')
    .description(
      'Rewrite existing logs to the privacy of new ones. Reads lines of JSON and of the combined format, compressed or not, and writes them to standard output; a line that cannot be read is kept out.',
    )
    .argument('[files...]', 'logs; - is standard input', [STANDARD_INPUT])
    .addOption(
      new Option('--address <form>', 'how addresses are shown')
        .choices(['truncated', 'hmac', 'none'])
        .makeOptionMandatory(),
    )
    .option(
      '--ipv4 <bits>',
      'with truncated: bits kept of IPv4, 24 if left out',
      wholeNumber(1, 31),
    )
    .option(
      '--ipv6 <bits>',
      'with truncated: bits kept of IPv6, 48 if left out',
      wholeNumber(1, 127),
    )
    .option('--key-file <file>', 'with hmac: the key of the live log, without its line end')
    .option(
      '--period <seconds>',
      'with hmac: the period of the live log, 86400 if left out',
      wholeNumber(60, 31_622_400),
    )
    .option(
      '--everywhere',
      'also in paths, queries, user agents and referrers, which live records leave as they came; replaces versions that look like addresses',
    )
    .option('--json', 'the report on standard error as JSON')
    .action(async (files: string[], options: Options) => {
      const masking = readMasking(options)
      const report = new Report(run.terminal)
      await maskFiles(files, masking, run.terminal, report)
      report.print(options.json === true)
      run.end(report.keptOut === 0 ? FINE : FINDING)
    })
  withExamples(command, [
    {
      line: 'truehop mask --address truncated access.log.*.gz > masked.log',
      does: 'networks only, of all rotated logs in one',
    },
    {
      line: 'truehop mask --address hmac --key-file log.key access.jsonl > masked.jsonl',
      does: 'the same tokens as in the records of a log with that key',
    },
  ])
}

function readMasking(options: Options): Masking {
  const { address, ipv4, ipv6, keyFile, period, everywhere = false } = options
  const keep = ipv4 === undefined && ipv6 === undefined ? undefined : { ipv4, ipv6 }
  const isKeyed = keyFile !== undefined || period !== undefined
  if (address === 'hmac' && keyFile === undefined) {
    throw new UsageError('--key-file is missing; name the file with the key of the live log')
  }
  const hmac = isKeyed ? { key: keyFile === undefined ? '' : readKey(keyFile), period } : undefined
  const privacy: PrivacyOptions = { address, keep, hmac }
  try {
    return { privacy: addressPrivacy(privacy), everywhere }
  } catch (error) {
    throw error instanceof LogError ? new UsageError(error.message) : error
  }
}

/**
 * As text without the line end, which is how a variable of the environment has it; else as it is.
 * As bytes in any case: the word for keys that nobody keeps is not a key here.
 */
function readKey(file: string): Uint8Array {
  try {
    const bytes = readFileSync(file)
    const text = bytes.toString('utf8')
    const isText = Buffer.from(text, 'utf8').equals(bytes)
    return isText ? Buffer.from(text.replace(/\r?\n$/, ''), 'utf8') : bytes
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`)
  }
}

async function maskFiles(
  files: readonly string[],
  masking: Masking,
  terminal: Terminal,
  report: Report,
): Promise<void> {
  const output = new GatheredOutput(terminal.stdout)
  for (const file of files) {
    let number = 0
    for await (const line of linesOf(unzipped(inputBytes(file, terminal)), MAX_LINE)) {
      number++
      const masked = maskLine(line, masking)
      if ('reason' in masked) report.keepOut(`${file}:${number}`, masked.reason)
      else await output.write(Buffer.concat([masked.bytes, LINE_END]))
      report.count(line)
      if (output.isGone) return
    }
  }
  await output.flush()
}

const LINE_END = Buffer.from('\n')

/** A record of an audit trail, whose hash is then no longer that of its bytes. */
const SEALED =
  /^\{"seq":\d+,.*,"prev":"[\da-f]{64}"(?:,"key":"[^"]*","mac":"[\da-f]{64}")?,"hash":"[\da-f]{64}"\}\s*$/

/** What happened, without a byte of the lines that were kept out. */
class Report {
  readonly #terminal: Terminal
  #lines = 0
  #sealed = 0
  keptOut = 0

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  count({ text, cut }: Line): void {
    this.#lines++
    if (!cut && SEALED.test(text)) this.#sealed++
  }

  keepOut(place: string, reason: string): void {
    this.keptOut++
    if (this.keptOut <= MAX_NAMED) this.#say(`${printable(place)}: ${reason}; kept out`)
  }

  print(asJson: boolean): void {
    const { keptOut } = this
    const masked = this.#lines - keptOut
    if (asJson) this.#say(JSON.stringify({ masked, keptOut, sealed: this.#sealed }))
    else this.#say(`${counted(masked, 'line')} masked, ${keptOut} kept out`)
    if (this.#sealed > 0 && !asJson) {
      this.#say(
        'records of an audit trail can no longer be verified once masked: keep the original',
      )
    }
  }

  #say(text: string): void {
    this.#terminal.stderr.write(`${text}\n`)
  }
}
