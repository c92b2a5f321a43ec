import type { Writable } from 'node:stream'
import type { AddressForm, PrivacyOptions } from '../privacy/privacy-options.js'
import type { Head } from './chain.js'
import type { AuditSink } from './sinks/audit-sink.js'

export interface AuditOptions extends PrivacyOptions {
  /** The file to append to, one for each process. Either this or `stream`. */
  readonly file?: string | undefined
  /** Where lines go instead. */
  readonly stream?: Writable | undefined
  /**
   * What records show of addresses, as in the access log. It has no default, because an audit trail
   * with full addresses reveals what an access log hides, and one without may be useless.
   */
  readonly address: AddressForm
  /** Bytes after which `file` is put aside and a new one begun; at least 65,536. Default 100 MiB. */
  readonly maxBytes?: number | undefined
  /**
   * Characters of records that may wait to be written; further records are only counted. At least
   * 65,536. Default 16 MiB.
   */
  readonly maxPending?: number | undefined
  /** Records a second, 1 to 100,000; further records are only counted. Default 200. */
  readonly maxPerSecond?: number | undefined
  /**
   * The key file of this process, made by `createAuditKey` or `truehop audit key`: each record is
   * sealed with a key that is forgotten afterwards, so that whoever takes over the machine cannot
   * rewrite what was written before. Begin a new trail with it.
   */
  readonly keyFile?: string | undefined
  /** Signs checkpoints of the trail, which witnesses can cosign. Begin a new trail with it. */
  readonly checkpoints?: CheckpointOptions | undefined
  /** Where records go besides, once they are written: `syslogSink(…)`, `openTelemetrySink(…)`. */
  readonly sinks?: readonly AuditSink[] | undefined
  /** The head of the trail that this one continues, if that is not in `file`. */
  readonly after?: Head | undefined
  /**
   * Receives the first head and then one for every so many records, to keep out of reach of anyone
   * who can write the trail.
   */
  readonly anchor?: Anchor | undefined
  /**
   * Called with errors of writing, with what a witness refuses, and with what `anchor.to` throws or
   * rejects with. Default: a process warning.
   */
  readonly onError?: ((error: Error) => void) | undefined
}

/** Signed checkpoints in the format of C2SP tlog-checkpoint. */
export interface CheckpointOptions {
  /** The signing key, made by `createCheckpointKey` or `truehop audit checkpoint-key`. */
  readonly keyFile: string
  /** Always has the last checkpoint, as a whole. Beside it, `.tree` is for this trail alone. */
  readonly file: string
  /** Records between two checkpoints. Default 1000. */
  readonly every?: number | undefined
  /** Seconds between two checkpoints, if there are new records. Default 60. */
  readonly interval?: number | undefined
  /**
   * Called with each checkpoint, once its records are on disk, to keep it out of reach of anyone who
   * can write the trail.
   */
  readonly to?: ((checkpoint: string) => void) | undefined
  /** Witnesses that are asked to cosign each checkpoint (C2SP tlog-witness), at most 16. */
  readonly witnesses?: readonly WitnessOptions[] | undefined
  /** Seconds for the whole answer of a witness, 1 to 60. Default 10. */
  readonly timeout?: number | undefined
  /** Called with each checkpoint that a witness cosigned, with all its cosignatures so far. */
  readonly cosigned?: ((checkpoint: string) => void) | undefined
}

export interface WitnessOptions {
  /** The witness's submission prefix. */
  readonly url: string
  /** Its public key, of type 4: `name+id+base64`. */
  readonly key: string
}

export interface Anchor {
  /** Records between two calls. */
  readonly every: number
  readonly to: (head: Head) => void
}
