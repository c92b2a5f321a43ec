import type { Writable } from 'node:stream'
import {
  callback,
  custom,
  type FieldsOf,
  instance,
  integer,
  list,
  object,
  oneOf,
  type Report,
  readOptions,
  show,
  text,
  type Values,
} from '@truehop/options'
import { LogError, refusal } from '../log-error.js'
import {
  ADDRESS_FORMS,
  PRIVACY_OPTIONS,
  type PrivacySettings,
  privacySettings,
} from '../privacy/privacy-options.js'
import type { Anchor, AuditOptions } from './audit-options.js'
import type { Head } from './chain.js'
import { CHECKPOINT_OPTIONS, repeatedWitness } from './checkpoints/checkpoint-options.js'
import type { AuditSink } from './sinks/audit-sink.js'

const ANCHOR_OPTIONS = {
  every: integer({
    says: 'Records between two heads.',
    least: 1,
    most: 1_000_000_000,
    required: true,
  }),
  to: callback<(head: Head) => void>('(head) => void')({
    says: 'Called with the first head, and then with one for every so many records.',
    required: true,
    hint: 'write to: (head) => shipElsewhere(head)',
  }),
} satisfies FieldsOf<Anchor>

const HEAD = {
  seq: integer({ says: 'The number of its last record.', least: -1, required: true }),
  hash: custom<string>(
    readHash,
    '64 hexadecimal digits',
    undefined,
  )({ says: "That record's hash.", required: true }),
} satisfies FieldsOf<Head>

/** What each option takes; the check, its message and the documentation come from here. */
export const AUDIT_OPTIONS = {
  file: text({
    says: 'The file to append to, created with mode 0600; one file for each process.',
  }),
  stream: instance<Writable>(
    'a Writable',
    isWritable,
  )({ says: 'Where lines go instead of `file`.' }),
  ...PRIVACY_OPTIONS,
  address: oneOf(ADDRESS_FORMS, {
    says: 'How addresses are shown, as in the access log: full ones reveal what that hides.',
    required: true,
    hint: "write address: 'truncated' for networks only",
    see: 'logging.md#privacy',
  }),
  maxBytes: integer({
    says: 'The file is put aside at this size, named after the time and its last record, and a new one begun.',
    unit: 'bytes',
    least: 65_536,
    default: 104_857_600,
    defaultSays: '104,857,600 (100 MiB)',
  }),
  maxPerSecond: integer({
    says: 'Records a second. Further ones are counted, and the counts recorded as `audit.left-out`; replaced policies and lists, updated ranges and actions that the inspector let through have the same allowance of their own.',
    least: 1,
    most: 100_000,
    default: 200,
  }),
  maxPending: integer({
    says: 'Records that may wait to be written. Further ones are counted as well.',
    unit: 'characters',
    least: 65_536,
    most: 2_147_483_647,
    default: 16_777_216,
  }),
  keyFile: text({
    says: 'The key file of this process, made by `truehop audit key`: each record is sealed with a key that is forgotten afterwards.',
    see: 'logging.md#a-key-that-is-forgotten',
  }),
  checkpoints: object(CHECKPOINT_OPTIONS, {
    says: 'Signs the state of the trail, in a format that standard witnesses cosign.',
    see: 'logging.md#signed-checkpoints',
    hint: "write checkpoints: { keyFile: '/etc/app/checkpoints.key', file: '/var/log/app/checkpoint' }",
  }),
  sinks: list(instance<AuditSink>('a sink, such as syslogSink(…) returns', isSink)({ says: '' }), {
    says: 'Where records go besides: `syslogSink(…)`, `openTelemetrySink(…)`.',
    default: [],
    hint: "write sinks: [syslogSink({ host: 'logs.example.com', tls: {} })]",
    see: 'logging.md#to-syslog-and-opentelemetry',
  }),
  after: object(HEAD, {
    says: 'The head of the trail that this one continues, if that is not in `file`.',
    hint: 'write after: report.last, of verifyAudit()',
  }),
  anchor: object(ANCHOR_OPTIONS, {
    says: 'Where heads are kept, out of reach of anyone who can write the trail.',
    see: 'logging.md#what-the-chain-proves',
    hint: 'write anchor: { every: 1000, to: (head) => shipElsewhere(head) }',
  }),
  onError: callback<(error: Error) => void>('(error) => void')({
    says: 'Called with errors of writing, with what a witness refuses, and with what `anchor.to` throws.',
    defaultSays: 'a process warning',
  }),
} satisfies FieldsOf<AuditOptions>

type AuditValues = Values<typeof AUDIT_OPTIONS>

/** The options with their defaults. */
export type AuditSettings = Omit<AuditValues, 'address' | 'keep' | 'hmac' | 'onError'> & {
  readonly onError: (error: Error) => void
  readonly privacy: PrivacySettings
}

/** @throws {LogError} for anything that would have to be guessed. */
export function readAuditOptions(options: AuditOptions): AuditSettings {
  const values = readOptions(AUDIT_OPTIONS, options, refusal, {
    says: '',
    hint: "write { file: '/var/log/app/audit.jsonl', address: 'truncated' }",
  })
  const { address, keep, hmac, onError = warn, ...settings } = values
  if ((settings.file === undefined) === (settings.stream === undefined)) {
    throw new LogError(
      'bad-option',
      'file',
      "must be given, or stream, but not both; write file: '/var/log/app/audit.jsonl'",
    )
  }
  const repeated = repeatedWitness(settings.checkpoints?.witnesses ?? [])
  if (repeated !== undefined) {
    const [again, first] = repeated
    throw new LogError(
      'bad-option',
      `checkpoints.witnesses[${again}].key`,
      `must not be the key of checkpoints.witnesses[${first}]: each witness counts once; write the witness's own key`,
    )
  }
  return { ...settings, onError, privacy: privacySettings({ address, keep, hmac }) }
}

/** What happens to an error that nothing else handles. */
export function warn(error: Error): void {
  process.emitWarning(`the audit trail could not be written: ${error.message}`)
}

function isSink(value: unknown): value is AuditSink {
  const { open, take, close } = (value ?? {}) as Partial<AuditSink>
  return [open, take, close].every((method) => typeof method === 'function')
}

function isWritable(value: unknown): value is Writable {
  return typeof (value as Partial<Writable> | null)?.write === 'function'
}

function readHash(value: unknown, path: string, report: Report): string {
  if (typeof value === 'string' && /^[\da-f]{64}$/.test(value)) return value
  const message = `must be 64 hexadecimal digits, got ${show(value)}`
  report({ path, code: 'bad-option', message })
  return ''
}
