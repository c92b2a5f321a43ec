import type { Writable } from 'node:stream'
import { LogError, refuseUnknown, requireFunction, requireInteger } from '../log-error.js'
import type { AddressForm, PrivacyOptions } from '../privacy/address-privacy.js'
import type { Head } from './chain.js'

export interface AuditOptions extends PrivacyOptions {
  /** The file to append to, one for each process. Either this or `stream`. */
  readonly file?: string
  /** Where lines go instead. */
  readonly stream?: Writable
  /**
   * What records show of addresses, as in the access log. To be said, because an audit trail with
   * full addresses gives away what an access log hides, and one without may be of no use.
   */
  readonly address: AddressForm
  /** Bytes after which `file` is put aside and a new one begun; at least 65,536. Default 100 MiB. */
  readonly maxBytes?: number
  /** Characters of records that wait to be written; more are counted. At least 65,536. Default 16 MiB. */
  readonly maxPending?: number
  /** Records a second, 1 to 100,000; more are counted. Default 200. */
  readonly maxPerSecond?: number
  /** The head of the trail that this one continues, where it is not in `file`. */
  readonly after?: Head
  /**
   * Gets the first head and then one for every so many records, to keep it where those who can
   * write the trail have no hand.
   */
  readonly anchor?: { readonly every: number; readonly to: (head: Head) => void }
  /** Gets what went wrong with writing, and what `anchor.to` throws or rejects with. Default: a process warning. */
  readonly onError?: (error: Error) => void
}

/** The options with their defaults. */
export interface AuditSettings {
  readonly file: string | undefined
  readonly stream: Writable | undefined
  readonly maxBytes: number
  readonly maxPending: number
  readonly maxPerSecond: number
  readonly after: Head | undefined
  readonly anchor: AuditOptions['anchor']
  readonly onError: (error: Error) => void
}

const KNOWN = [
  'file',
  'stream',
  'address',
  'hmac',
  'maxBytes',
  'maxPending',
  'maxPerSecond',
  'after',
  'anchor',
  'onError',
] as const satisfies readonly (keyof AuditOptions)[]

/** Throws `LogError` for anything that would have to be guessed. */
export function readAuditOptions(options: AuditOptions): AuditSettings {
  refuseUnknown(options, KNOWN)
  const { file, stream, after, anchor, onError = warn } = options
  if ((file === undefined) === (stream === undefined)) {
    throw new LogError(
      'bad-option',
      'file',
      "write file: '/var/log/app/audit.jsonl' or stream: ..., one of the two",
    )
  }
  if (options.address === undefined) {
    throw new LogError(
      'bad-option',
      'address',
      "say what the trail shows of addresses: 'full', 'truncated' or 'hmac'",
    )
  }
  if (anchor !== undefined) {
    requireInteger('anchor.every', anchor.every, 1, 1_000_000_000)
    requireFunction('anchor.to', anchor.to)
  }
  requireFunction('onError', onError)
  const settings = {
    maxBytes: options.maxBytes ?? 104_857_600,
    maxPending: options.maxPending ?? 16_777_216,
    maxPerSecond: options.maxPerSecond ?? 200,
  }
  requireInteger('maxBytes', settings.maxBytes, 65_536, Number.MAX_SAFE_INTEGER)
  requireInteger('maxPending', settings.maxPending, 65_536, 2_147_483_647)
  requireInteger('maxPerSecond', settings.maxPerSecond, 1, 100_000)
  return { file, stream, after, anchor, onError, ...settings }
}

/** What is done where nobody else is told. */
export function warn(error: Error): void {
  process.emitWarning(`the audit trail could not be written: ${error.message}`)
}
