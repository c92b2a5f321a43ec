import { createHash } from 'node:crypto'

/**
 * The form of an audit trail: one JSON object a line, each chained to the one before it.
 *
 *     {"seq":0,"time":"…","event":"audit.started", …,"prev":"000…0","hash":"5f1…c"}
 *     {"seq":1,"time":"…","event":"denied", …       ,"prev":"5f1…c","hash":"0a9…7"}
 *     └────────────────── these bytes are hashed ──────────────────┘
 *
 * `hash` is SHA-256 over the line's own bytes up to `,"hash"`, including `prev`. So a changed byte
 * shows in its own line, a line removed, added or moved shows in the next one, and nothing needs a
 * canonical form first. What the chain alone cannot show is that its end was cut off, or that all
 * of it was rewritten: for that a hash must be kept elsewhere.
 */
export interface Head {
  /** The number of the last record, -1 before the first. */
  readonly seq: number
  /** Its hash: 64 hexadecimal digits. */
  readonly hash: string
}

export const GENESIS: Head = Object.freeze({ seq: -1, hash: '0'.repeat(64) })

/** A record's line and what the next one is chained to. */
export interface Sealed {
  /** With `\n`. */
  readonly line: string
  readonly head: Head
}

/** Chains a record, given as the text of a JSON object without `seq`, `prev` and `hash`. */
export function seal(json: string, { seq, hash: prev }: Head): Sealed {
  const hashed = `{"seq":${seq + 1},${json.slice(1, -1)},"prev":"${prev}"`
  const hash = sha256(hashed)
  return { line: `${hashed},"hash":"${hash}"}\n`, head: { seq: seq + 1, hash } }
}

/** A line taken apart. */
export interface Link {
  readonly seq: number
  readonly prev: string
  readonly hash: string
  /** Whether the line still has the hash it was written with. */
  readonly intact: boolean
}

const LINE = /^\{"seq":(0|[1-9]\d{0,14}),.*,"prev":"([\da-f]{64})","hash":"([\da-f]{64})"\}$/s
const HASH_LENGTH = ',"hash":"'.length + 64 + '"}'.length

/**
 * Undefined for a line (without `\n`) that does not have the form of a record. The line is bytes,
 * each as one character (`latin1`): decoded as text, two different lines could read alike.
 */
export function readLink(line: string): Link | undefined {
  const found = LINE.exec(line)
  if (found === null) return undefined
  const [, seq = '', prev = '', hash = ''] = found
  return {
    seq: Number(seq),
    prev,
    hash,
    intact: sha256(Buffer.from(line.slice(0, -HASH_LENGTH), 'latin1')) === hash,
  }
}

/** In hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
