import {
  callback,
  custom,
  type FieldsOf,
  integer,
  list,
  object,
  type Report,
  show,
  text,
  type Values,
} from '@truehop/options'
import type { CheckpointOptions, WitnessOptions } from '../audit-options.js'
import { COSIGNATURE, readVerifierKey, repeatedKey, type VerifierKey } from './note-keys.js'

/** What each option takes; the check, its message and the documentation come from here. */
export const WITNESS_OPTIONS = {
  url: custom<URL>(
    readUrl,
    '`https:` or `http:` URL',
    undefined,
  )({
    says: 'Its submission prefix, to which `/add-checkpoint` is added.',
    required: true,
    hint: "write url: 'https://witness.example.org/'",
  }),
  key: custom<VerifierKey | undefined>(
    readKey,
    '`name+id+base64`',
    undefined,
  )({
    says: 'Its public key, of type 4: what is not signed with it counts for nothing.',
    required: true,
    hint: 'write the witness’s own verifier key',
  }),
} satisfies FieldsOf<WitnessOptions>

export const CHECKPOINT_OPTIONS = {
  keyFile: text({
    says: 'The signing key, made by `truehop audit checkpoint-key`.',
    required: true,
    hint: "write keyFile: '/etc/app/checkpoints.key'",
  }),
  file: text({
    says: 'Always has the last checkpoint. Beside it, `.tree` is what the tree goes on from after a restart; with `witnesses`, `.hashes` is what proofs are made of, and `.cosigned` the last checkpoint that a witness cosigned.',
    required: true,
    hint: "write file: '/var/log/app/checkpoint'",
  }),
  every: integer({
    says: 'Records between two checkpoints.',
    least: 1,
    most: 1_000_000_000,
    default: 1000,
  }),
  interval: integer({
    says: 'Time between two checkpoints, if there are new records.',
    unit: 'seconds',
    least: 1,
    most: 86_400,
    default: 60,
  }),
  to: callback<(checkpoint: string) => void>('(checkpoint) => void')({
    says: 'Called with each checkpoint, once its records are on disk.',
    hint: 'write to: (checkpoint) => shipElsewhere(checkpoint)',
  }),
  witnesses: list(object(WITNESS_OPTIONS, { says: '' }), {
    says: 'Witnesses that are asked to cosign each checkpoint, at most 16.',
    most: 16,
    default: [],
    see: 'logging.md#witnesses',
    hint: "write witnesses: [{ url: 'https://witness.example.org/', key: 'witness.example.org+…' }]",
  }),
  timeout: integer({
    says: 'For the whole answer of a witness.',
    unit: 'seconds',
    least: 1,
    most: 60,
    default: 10,
  }),
  cosigned: callback<(checkpoint: string) => void>('(checkpoint) => void')({
    says: 'Called with each checkpoint that a witness cosigned, with all its cosignatures so far.',
    hint: 'write cosigned: (checkpoint) => publish(checkpoint)',
  }),
} satisfies FieldsOf<CheckpointOptions>

export type CheckpointSettings = Values<typeof CHECKPOINT_OPTIONS>

/** A witness as it is configured. */
export interface WitnessSettings {
  readonly url: URL
  readonly key: VerifierKey
}

function readUrl(value: unknown, path: string, report: Report): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (
    url !== undefined &&
    isHttp &&
    `${url.username}${url.password}${url.search}${url.hash}` === ''
  )
    return url
  const message = `must be an http or https URL without credentials, query and fragment, got ${show(value)}`
  report({ path, code: 'bad-option', message })
  return new URL('https://invalid.invalid')
}

function readKey(value: unknown, path: string, report: Report): VerifierKey | undefined {
  const key = typeof value === 'string' ? readVerifierKey(value) : undefined
  if (key?.type === COSIGNATURE) return key
  const what = 'must be the public key of a witness, name+id+base64 of type 4'
  report({ path, code: 'bad-option', message: `${what}, got ${show(value)}` })
  return undefined
}

/** Which witness has the key of one before it, and which one that is; undefined for none. */
export function repeatedWitness(
  witnesses: CheckpointSettings['witnesses'],
): readonly [number, number] | undefined {
  return repeatedKey(witnesses.flatMap(({ key }) => key ?? []))
}
