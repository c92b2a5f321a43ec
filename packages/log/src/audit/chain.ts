import { createHash } from 'node:crypto'
import { macOf } from './keys/derivation.js'

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
 *
 * With a key file, a seal stands between the two, HMAC-SHA-256 over the bytes before `,"mac"` with a
 * key that was used once (keys/derivation.ts); `key` is the id of the first key and the index:
 *
 *     … ,"prev":"5f1…c","key":"a1b2c3d4.17","mac":"77a…0","hash":"0a9…7"}
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

/** What one record is sealed with. */
export interface RecordKey {
  /** `a1b2c3d4.17`. */
  readonly name: string
  readonly key: Uint8Array
}

/**
 * Chains a record, given as the text of a JSON object without `seq`, `prev` and `hash`, and seals
 * it if there is a key.
 */
export function seal(json: string, { seq, hash: prev }: Head, key?: RecordKey): Sealed {
  const chained = `{"seq":${seq + 1},${json.slice(1, -1)},"prev":"${prev}"`
  const hashed = key === undefined ? chained : withMac(`${chained},"key":"${key.name}"`, key.key)
  const hash = sha256(hashed)
  return { line: `${hashed},"hash":"${hash}"}\n`, head: { seq: seq + 1, hash } }
}

function withMac(sealed: string, key: Uint8Array): string {
  return `${sealed},"mac":"${macOf(key, sealed)}"`
}

/** A line taken apart. */
export interface Link {
  readonly seq: number
  readonly prev: string
  readonly hash: string
  /** Whether the line still has the hash it was written with. */
  readonly intact: boolean
  /** What was sealed, and with which key; undefined for a record without a seal. */
  readonly seal: Seal | undefined
}

export interface Seal {
  readonly id: string
  readonly index: number
  readonly mac: string
  /** The bytes that the seal is over, each as one character. */
  readonly sealed: string
}

const LINE =
  /^\{"seq":(0|[1-9]\d{0,14}),.*,"prev":"([\da-f]{64})"(?:,"key":"([\da-f]{8})\.(0|[1-9]\d{0,14})","mac":"([\da-f]{64})")?,"hash":"([\da-f]{64})"\}$/s
const HASH_LENGTH = ',"hash":"'.length + 64 + '"}'.length
const MAC_LENGTH = ',"mac":"'.length + 64 + '"'.length

/**
 * Undefined for a line (without `\n`) that does not have the form of a record. The line is bytes,
 * each as one character (`latin1`): decoded as text, two different lines could read alike.
 */
export function readLink(line: string): Link | undefined {
  const found = LINE.exec(line)
  if (found === null) return undefined
  const [, seq = '', prev = '', id, index = '', mac = '', hash = ''] = found
  const hashed = line.slice(0, -HASH_LENGTH)
  return {
    seq: Number(seq),
    prev,
    hash,
    intact: sha256(Buffer.from(hashed, 'latin1')) === hash,
    seal:
      id === undefined
        ? undefined
        : { id, index: Number(index), mac, sealed: hashed.slice(0, -MAC_LENGTH) },
  }
}

const ABOUT = /^\{"seq":\d+,"time":"([^"]*)","event":"((?:[^"\\]|\\.)*)"/

/** What a record's line says first: its time, in milliseconds since 1970, and its event. */
export function aboutLine(line: string): {
  readonly time?: number | undefined
  readonly event?: string | undefined
} {
  const [, time, event] = ABOUT.exec(line) ?? []
  if (time === undefined || event === undefined) return {}
  return { time: Date.parse(time), event: event.includes('\\') ? unescaped(event) : event }
}

function unescaped(event: string): string {
  try {
    return String(JSON.parse(`"${event}"`))
  } catch {
    return event
  }
}

/** In hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
