import {
  type AuditReport,
  createAuditKey,
  createCheckpointKey,
  type Head,
  type KeptCheckpoints,
  type LedgerReport,
  LogError,
  verifyAudit,
  verifyLedger,
} from '@truehop/log'
import type { Command } from 'commander'
import { inputBytes, inputText } from '../evidence/file-bytes.js'
import { counted } from '../output/counted.js'
import { printable } from '../output/printable.js'
import { coloursOf, print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, type Run, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'
import { repeatable, wholeNumber } from '../program/option-values.js'
import { messageOf, UsageError } from '../program/usage-error.js'

interface Options {
  readonly anchor?: readonly Head[]
  readonly after?: Head
  readonly keyFile?: readonly string[]
  readonly checkpoint: readonly string[]
  readonly checkpointKey?: string
  readonly witness: readonly string[]
  readonly quorum?: number
  readonly together?: true
  readonly json?: true
}

const added = (text: string, all: readonly string[]): readonly string[] => [...all, text]

/** `truehop audit verify FILE…`, `audit key FILE`, `audit checkpoint-key NAME FILE` */
export const audit: AddCommand = (program, run) => {
  const group = program.command('audit').description('Check audit trails.')
  addKey(group, run)
  addCheckpointKey(group, run)
  const verify = group
    .command('verify')
    .description('Check that the records of an audit trail are all there, unchanged and in order.')
    .argument(
      '<files...>',
      'files of one trail, oldest first: ours, those of a syslog server, or OpenTelemetry logs as lines of JSON',
    )
    .option('--together', 'the files are those of several processes, in any order')
    .option(
      '--anchor <seq:hash>',
      'a head kept elsewhere that must be in the trail; repeatable',
      addHead,
    )
    .option('--after <seq:hash>', 'the head of the file before the first one given', readHead)
    .option(
      '--key-file <file>',
      'a file with the first key, as audit key printed it: every record must be sealed; repeatable',
      (file: string, all: readonly string[] = []) => [...all, file],
    )
    .addOption(
      repeatable(
        '--checkpoint <file>',
        'signed checkpoints that were kept elsewhere, which the records must fit',
        added,
      ),
    )
    .option(
      '--checkpoint-key <key>',
      'the public key of the checkpoints, as audit checkpoint-key printed it',
    )
    .addOption(
      repeatable(
        '--witness <key>',
        'the public key of a witness that must have cosigned each checkpoint',
        added,
      ),
    )
    .option('--quorum <n>', 'how many of the witnesses are enough', wholeNumber(0, 1000))
    .option('--json', 'the report as JSON')
    .action(async (files: string[], options: Options) => {
      if (options.together === true) {
        run.end((await verifyTogether(files, options, run.terminal)) ? FINE : FINDING)
        return
      }
      const trail = new FileLines(run.terminal)
      const report = await verifyFiles(files, options, trail, run.terminal)
      if (options.json === true) printJson(run.terminal, report)
      else printReport(run.terminal, report, trail)
      run.end(report.ok ? FINE : FINDING)
    })
  withExamples(verify, [
    { line: 'truehop audit verify audit.1.jsonl audit.jsonl', does: 'a trail of two files' },
    {
      line: 'truehop audit verify --anchor 1041:5f1c…a9 audit.jsonl',
      does: 'with the hash of record 1041 that was kept on another machine',
    },
    {
      line: 'truehop audit verify --together --key-file app-1.key --key-file app-2.key /var/log/remote/audit.log',
      does: 'all processes that send to one syslog server, with their first keys',
    },
  ])
  withExamples(group, [{ line: 'truehop audit verify audit.jsonl', does: 'check one file' }])
}

/** `truehop audit key FILE` */
function addKey(group: Command, { terminal }: Run): void {
  const key = group
    .command('key')
    .description(
      'Make the key file of one process, and print the first key. Keep that one away from the machine: verify needs it, the service does not.',
    )
    .argument('<file>', 'the key file to create, for the option keyFile of the trail')
    .option('--json', 'the key as JSON')
    .action((file: string, { json }: { readonly json?: true }) => {
      const first = created(file, () => createAuditKey(file))
      if (json === true) printJson(terminal, { key: first })
      else print(terminal, first)
    })
  withExamples(key, [
    {
      line: 'truehop audit key /var/lib/app/audit.key | ssh vault "cat > app-1.key"',
      does: 'the first key goes to another machine, and is never on this one’s disk',
    },
  ])
}

/** `truehop audit checkpoint-key NAME FILE` */
function addCheckpointKey(group: Command, { terminal }: Run): void {
  const key = group
    .command('checkpoint-key')
    .description(
      'Make the key that signs the checkpoints of one trail, and print its public key. Verify and witnesses need that one.',
    )
    .argument('<name>', 'the name of the log, such as example.com/audit/app-1')
    .argument('<file>', 'the file to create, for the option checkpoints.keyFile of the trail')
    .option('--json', 'the public key as JSON')
    .action((name: string, file: string, { json }: { readonly json?: true }) => {
      const verifier = created(file, () => createCheckpointKey(file, name))
      if (json === true) printJson(terminal, { key: verifier })
      else print(terminal, verifier)
    })
  withExamples(key, [
    {
      line: 'truehop audit checkpoint-key example.com/audit/app-1 /etc/app/checkpoints.key',
      does: 'one log for each process',
    },
  ])
}

function created(file: string, create: () => string): string {
  try {
    return create()
  } catch (error) {
    throw new UsageError(`${file} cannot be created: ${messageOf(error)}`)
  }
}

async function readKeys(files: readonly string[], terminal: Terminal): Promise<string[]> {
  const keys: string[] = []
  for (const file of files) keys.push((await inputText(file, terminal)).trim())
  return keys
}

async function verifyFiles(
  files: readonly string[],
  options: Options,
  trail: FileLines,
  terminal: Terminal,
): Promise<AuditReport> {
  const { anchor: anchors = [], after, keyFile } = options
  const keys = keyFile === undefined ? undefined : await readKeys(keyFile, terminal)
  const checkpoints = await readCheckpoints(options, terminal)
  try {
    return await verifyAudit(trail.bytesOf(files), { anchors, after, keys, checkpoints })
  } catch (error) {
    throw error instanceof LogError ? new UsageError(error.message) : error
  }
}

/** Whether there was no finding. */
async function verifyTogether(
  files: readonly string[],
  { anchor: anchors, keyFile, json, ...options }: Options,
  terminal: Terminal,
): Promise<boolean> {
  if (options.after !== undefined || options.checkpointKey !== undefined) {
    throw new UsageError(
      '--after and --checkpoint are for the trail of one process: verify it alone',
    )
  }
  const keys = keyFile === undefined ? undefined : await readKeys(keyFile, terminal)
  const report = await verifyLedger(files, { anchors, keys }).catch(asUsageError)
  if (json === true) printJson(terminal, report)
  else printLedger(terminal, report)
  return report.ok
}

function printLedger(
  terminal: Terminal,
  { trails, findings, findingCount, ok }: LedgerReport,
): void {
  const colours = coloursOf(terminal)
  const tell = (found: AuditReport['findings'], count: number): void => {
    for (const { line, code, message } of found) {
      const place = line === 0 ? '' : `line ${line}: `
      print(terminal, `${place}${printable(message)} ${colours.red(`[${code}]`)}`)
    }
    if (count > found.length)
      print(terminal, `… and ${counted(count - found.length, 'more finding')}`)
  }
  tell(findings, findingCount)
  for (const { trail = 'without its beginning', records, last, ...report } of trails) {
    const head = last === undefined ? '' : `, last ${last.seq}:${last.hash}`
    print(terminal, `trail ${trail}: ${counted(records, 'record')}${head}`)
    tell(report.findings, report.findingCount)
  }
  print(
    terminal,
    `${counted(trails.length, 'trail')}, ${ok ? colours.green('unchanged') : colours.red('not as written')}`,
  )
}

/** A key that is not one, or a file that cannot be read. */
function asUsageError(error: unknown): never {
  throw new UsageError(messageOf(error))
}

async function readCheckpoints(
  { checkpoint: files, checkpointKey: key, witness: witnesses, quorum }: Options,
  terminal: Terminal,
): Promise<KeptCheckpoints | undefined> {
  if (key === undefined && files.length === 0) return undefined
  if (key === undefined) throw new UsageError('--checkpoint needs --checkpoint-key as well')
  if (files.length === 0) throw new UsageError('--checkpoint-key needs --checkpoint as well')
  const notes: string[] = []
  for (const file of files) notes.push(await inputText(file, terminal))
  return { notes, key, witnesses, quorum }
}

const LINE_FEED = 0x0a

/** The bytes of several files as if of one, and which file and line each line comes from. */
class FileLines {
  readonly #starts: { readonly file: string; readonly before: number }[] = []

  readonly #terminal: Terminal

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  async *bytesOf(files: readonly string[]): AsyncGenerator<Uint8Array> {
    let lines = 0
    for (const file of files) {
      this.#starts.push({ file, before: lines })
      for await (const bytes of inputBytes(file, this.#terminal)) {
        for (const byte of bytes) if (byte === LINE_FEED) lines++
        yield bytes
      }
    }
  }

  /** `audit.jsonl:17` for a line, counted from 1 over all the files. */
  place(line: number): string {
    const start = this.#starts.findLast(({ before }) => before < line)
    return start === undefined ? '' : `${printable(start.file)}:${line - start.before}`
  }
}

const NO_RECORDS =
  'no records, so nothing was checked; --anchor SEQ:HASH shows whether records were removed'

function printReport(terminal: Terminal, report: AuditReport, trail: FileLines): void {
  const colours = coloursOf(terminal)
  for (const { line, code, message } of report.findings) {
    const place = line === 0 ? '' : `${trail.place(line)}: `
    print(terminal, `${place}${printable(message)} ${colours.red(`[${code}]`)}`)
  }
  const more = report.findingCount - report.findings.length
  if (more > 0) print(terminal, `… and ${counted(more, 'more finding')}`)
  if (report.records === 0 && report.ok) {
    print(terminal, colours.yellow(NO_RECORDS))
    return
  }
  const start = report.complete ? 'from the first one on' : 'not from the first one on'
  const head = report.last === undefined ? '' : `, last ${report.last.seq}:${report.last.hash}`
  print(terminal, `${report.records} records, ${start}${head}`)
  if (report.torn > 0)
    print(terminal, `${counted(report.torn, 'line')} that a crash left unfinished`)
  print(terminal, report.ok ? colours.green('unchanged') : colours.red('not as written'))
}

function addHead(text: string, heads: readonly Head[] = []): Head[] {
  return [...heads, readHead(text)]
}

function readHead(text: string): Head {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text)
  if (match === null) {
    throw new UsageError(`${text} is not a head; write SEQ:HASH with 64 hexadecimal digits`)
  }
  return { seq: Number(match[1]), hash: match[2] ?? '' }
}
