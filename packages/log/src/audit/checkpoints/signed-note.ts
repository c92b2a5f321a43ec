import { sign, verify } from 'node:crypto'
import { COSIGNATURE, type SignerKey, type VerifierKey } from './note-keys.js'

/** A signature line of a note. */
export interface NoteSignature {
  readonly name: string
  /** 8 hexadecimal digits. */
  readonly id: string
  readonly bytes: Buffer
}

/** A note of C2SP signed-note: its text, with the last newline, and who signed it. */
export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** Notes have to be accepted with 16; witnesses are fewer than this. */
const MAX_SIGNATURES = 128
const SIGNATURE = /^\u2014 (\S+) ([A-Za-z\d+/]+={0,2})$/

export function signNote(text: string, { name, id, secret }: SignerKey): string {
  const bytes = sign(null, Buffer.from(text), secret)
  return `${text}\n${signatureLine({ name, id, bytes })}`
}

/** With its line end. */
export function signatureLine({ name, id, bytes }: NoteSignature): string {
  const encoded = Buffer.concat([Buffer.from(id, 'hex'), bytes]).toString('base64')
  return `\u2014 ${name} ${encoded}\n`
}

/** The notes in a text, one after another; undefined if something else is among them. */
export function readNotes(text: string): Note[] | undefined {
  // A note ends where a line that is not a signature follows one that is.
  const notes = text.split(/(?<=^\u2014 .*\n)\n?(?!\u2014 )(?=.)/mu).map(readNote)
  return notes.every((note) => note !== undefined) ? notes : undefined
}

function readNote(text: string): Note | undefined {
  const end = text.lastIndexOf('\n\n')
  const lines = text.slice(end + 2).split('\n')
  if (end === -1 || lines.pop() !== '' || lines.length > MAX_SIGNATURES) return undefined
  const signatures = lines.map(readSignature)
  if (signatures.length === 0 || !signatures.every((each) => each !== undefined)) return undefined
  return { text: text.slice(0, end + 1), signatures }
}

/** Undefined for a line that is not a signature. */
export function readSignature(line: string): NoteSignature | undefined {
  const [, name, encoded = ''] = SIGNATURE.exec(line) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (name === undefined || bytes.length <= 4) return undefined
  return { name, id: bytes.toString('hex', 0, 4), bytes: bytes.subarray(4) }
}

/** Whether a key signed a note: undefined if no signature is that key's, false if one does not fit. */
export function isSignedBy({ text, signatures }: Note, key: VerifierKey): boolean | undefined {
  const own = signatures.filter(({ name, id }) => name === key.name && id === key.id)
  if (own.length === 0) return undefined
  return own.every(({ bytes }) =>
    key.type === COSIGNATURE ? cosigns(text, bytes, key) : fits(text, bytes, key),
  )
}

/** C2SP tlog-cosignature: eight bytes of the time in seconds, and a signature over it and the text. */
function cosigns(text: string, bytes: Buffer, key: VerifierKey): boolean {
  if (bytes.length !== 8 + 64) return false
  const time = bytes.readBigUInt64BE(0)
  if (time >= 2n ** 63n) return false
  const signed = `cosignature/v1\ntime ${time}\n${text}`
  return fits(signed, bytes.subarray(8), key)
}

function fits(text: string, signature: Uint8Array, { key }: VerifierKey): boolean {
  return verify(null, Buffer.from(text), key, signature)
}
