import {
  type AuditReport,
  type Head,
  type KeptCheckpoints,
  LogError,
  verifyAudit,
  verifyLedger,
} from '@truehop/log'
import { FileLines } from '../audit/file-lines.js'
import { addCheckpointKey, addKey } from '../audit/make-keys.js'
import { printLedger, printReport } from '../audit/print-report.js'
import { inputText } from '../evidence/file-bytes.js'
import { printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
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
