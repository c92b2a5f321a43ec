import { type Head, type LedgerCheckpoints, verifyAudit, verifyLedger } from '@truehop/log'
import { addAcknowledge } from '../audit/acknowledge.js'
import { FileLines } from '../audit/file-lines.js'
import { emptyHintsOf, hintsOf, ledgerHintsOf, unusedKeyHintsOf } from '../audit/hints.js'
import { addCheckpointKey, addKey } from '../audit/make-keys.js'
import { printLedger, printReport } from '../audit/print-report.js'
import { addHead } from '../audit/read-head.js'
import { inputBytes, inputText, STANDARD_INPUT } from '../evidence/file-bytes.js'
import { unzipped } from '../evidence/unzip.js'
import { printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'
import { repeatable, wholeNumber } from '../program/option-values.js'
import { messageOf, UsageError } from '../program/usage-error.js'

interface Options {
  readonly anchor?: readonly Head[]
  readonly after?: readonly Head[]
  readonly keyFile?: readonly string[]
  readonly acknowledged: readonly string[]
  readonly checkpoint: readonly string[]
  readonly checkpointKey: readonly string[]
  readonly witness: readonly string[]
  readonly quorum?: number
  readonly together?: true
  readonly json?: true
}

const added = (text: string, all: readonly string[]): readonly string[] => [...all, text]

/** `truehop audit verify FILE…`, and what makes its keys and acknowledgements. */
export const audit: AddCommand = (program, run) => {
  const group = program.command('audit').description('Check audit trails.')
  addKey(group, run)
  addCheckpointKey(group, run)
  addAcknowledge(group, run)
  const verify = group
    .command('verify')
    .description('Check that the records of an audit trail are all there, unchanged and in order.')
    .argument(
      '<files...>',
      'files of one trail, oldest first: ours, those of a syslog server, or OpenTelemetry logs as lines of JSON; compressed with gzip or not',
    )
    .option('--together', 'the files are those of several processes, in any order')
    .option(
      '--anchor <seq:hash>',
      'a head kept elsewhere that must be in the trail; repeatable',
      addHead,
    )
    .option(
      '--after <seq:hash>',
      'the head of the file before the first one given; with --together repeatable',
      addHead,
    )
    .option(
      '--key-file <file>',
      'a file with the first key, as audit key printed it: every record must be sealed; repeatable',
      (file: string, all: readonly string[] = []) => [...all, file],
    )
    .addOption(
      repeatable(
        '--acknowledged <file>',
        'what audit acknowledge printed of keys that a crash skipped',
        added,
      ),
    )
    .addOption(
      repeatable(
        '--checkpoint <file>',
        'signed checkpoints that were kept elsewhere, which the records must fit',
        added,
      ),
    )
    .addOption(
      repeatable(
        '--checkpoint-key <key>',
        'the public key of the checkpoints, as audit checkpoint-key printed it; with --together one for each trail',
        added,
      ),
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
      const verified = options.together === true ? verifyTogether : verifyOne
      const isFine = await verified(files, options, run.terminal).catch(asUsageError)
      run.end(isFine ? FINE : FINDING)
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

/** Whether there was no finding. */
async function verifyOne(
  files: readonly string[],
  options: Options,
  terminal: Terminal,
): Promise<boolean> {
  const given = await readGiven(options, terminal)
  const [after, second] = options.after ?? []
  const [key, another] = given.checkpoints?.keys ?? []
  if (second !== undefined || another !== undefined) {
    const name = second === undefined ? '--checkpoint-key' : '--after'
    throw new UsageError(`several ${name} are for --together; a trail of one process has one`)
  }
  const checkpoints = given.checkpoints && { ...given.checkpoints, key: key ?? '' }
  const trail = new FileLines(terminal)
  const report = await verifyAudit(trail.bytesOf(files), { ...given, after, checkpoints })
  const hints = report.ok ? [...hintsOf(report, given), ...unusedKeyHintsOf(report.unusedKeys)] : []
  if (options.json === true) printJson(terminal, { ...report, hints })
  else printReport(terminal, report, trail, hints)
  return report.ok
}

/** Whether there was no finding. */
async function verifyTogether(
  files: readonly string[],
  options: Options,
  terminal: Terminal,
): Promise<boolean> {
  if (files.length > 1 && files.includes(STANDARD_INPUT)) {
    throw new UsageError('standard input cannot be put in order with files: verify it alone')
  }
  const given = await readGiven(options, terminal)
  const empty = new Set(files)
  const sources = files.map(
    (file) => () => noted(unzipped(inputBytes(file, terminal)), () => empty.delete(file)),
  )
  const report = await verifyLedger(sources, given)
  const hints = report.ok ? [...ledgerHintsOf(report, given), ...emptyHintsOf(empty)] : []
  if (options.json === true) printJson(terminal, { ...report, hints })
  else printLedger(terminal, report, hints)
  return report.ok
}

/** Calls back as soon as there are bytes. */
async function* noted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (chunk.length > 0) onBytes()
    yield chunk
  }
}

/** What was kept outside the trail. */
async function readGiven(
  { anchor: anchors = [], after, keyFile, acknowledged, ...options }: Options,
  terminal: Terminal,
) {
  const keys = keyFile && (await textsOf(keyFile, terminal)).map((text) => text.trim())
  if (keys === undefined && acknowledged.length > 0) {
    throw new UsageError('--acknowledged needs --key-file as well')
  }
  return {
    anchors,
    after,
    keys,
    acknowledged: await textsOf(acknowledged, terminal),
    checkpoints: await readCheckpoints(options, terminal),
  }
}

async function textsOf(files: readonly string[], terminal: Terminal): Promise<string[]> {
  const texts: string[] = []
  for (const file of files) texts.push(await inputText(file, terminal))
  return texts
}

/** A key that is not one, or a file that cannot be read. */
function asUsageError(error: unknown): never {
  throw error instanceof UsageError ? error : new UsageError(messageOf(error))
}

async function readCheckpoints(
  {
    checkpoint: files,
    checkpointKey: keys,
    witness: witnesses,
    quorum,
  }: Pick<Options, 'checkpoint' | 'checkpointKey' | 'witness' | 'quorum'>,
  terminal: Terminal,
): Promise<LedgerCheckpoints | undefined> {
  if (keys.length === 0 && files.length === 0) {
    if (witnesses.length === 0 && quorum === undefined) return undefined
    const name = witnesses.length === 0 ? '--quorum' : '--witness'
    throw new UsageError(`${name} needs --checkpoint and --checkpoint-key as well`)
  }
  if (keys.length === 0) throw new UsageError('--checkpoint needs --checkpoint-key as well')
  if (files.length === 0) throw new UsageError('--checkpoint-key needs --checkpoint as well')
  return { notes: await textsOf(files, terminal), keys, witnesses, quorum }
}
