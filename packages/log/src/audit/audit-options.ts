import type { Writable } from 'node:stream'
import type { AddressForm, PrivacyOptions } from '../privacy/privacy-options.js'
import type { Head } from './chain.js'

export interface AuditOptions extends PrivacyOptions {
  /** The file to append to, one for each process. Either this or `stream`. */
  readonly file?: string | undefined
  /** Where lines go instead. */
  readonly stream?: Writable | undefined
  /**
   * What records show of addresses, as in the access log. Has no default, because an audit trail
   * with full addresses gives away what an access log hides, and one without may be of no use.
   */
  readonly address: AddressForm
  /** Bytes after which `file` is put aside and a new one begun; at least 65,536. Default 100 MiB. */
  readonly maxBytes?: number | undefined
  /**
   * Characters of records that wait to be written; records beyond are counted. At least 65,536.
   * Default 16 MiB.
   */
  readonly maxPending?: number | undefined
  /** Records a second, 1 to 100,000; records beyond are counted. Default 200. */
  readonly maxPerSecond?: number | undefined
  /** The head of the trail that this one continues, where it is not in `file`. */
  readonly after?: Head | undefined
  /**
   * Gets the first head and then one for every so many records, to keep it out of the reach of
   * those who can write the trail.
   */
  readonly anchor?: Anchor | undefined
  /**
   * Called with what went wrong with writing, and with what `anchor.to` throws or rejects with.
   * Default: a process warning.
   */
  readonly onError?: ((error: Error) => void) | undefined
}

export interface Anchor {
  /** Records between two calls. */
  readonly every: number
  readonly to: (head: Head) => void
}
