import type { VerifierKey } from './note-keys.js'
import { isSignedBy, type Note, readSignature, signatureLine } from './signed-note.js'

/** What C2SP tlog-witness allows in a request. */
const MAX_PROOF = 63

/**
 * The body of an `add-checkpoint` request (C2SP tlog-witness): the size that the witness has seen, the
 * proof from there, an empty line, and the signed note.
 */
export function addCheckpointBody(old: number, proof: readonly Buffer[], note: string): string {
  const lines = proof.map((hash) => `${hash.toString('base64')}\n`).join('')
  return `old ${old}\n${lines}\n${note}`
}

/** What precedes a note in such a body. */
export interface ProofFrom {
  readonly old: number
  readonly proof: readonly Buffer[]
}

const BODY = /^old (0|[1-9]\d{0,14})\n((?:[A-Za-z\d+/]{43}=\n)*)\n/

/** Takes a note apart that was kept as such a body. The proof is undefined for a note alone. */
export function splitProof(note: Note): { readonly note: Note; readonly from?: ProofFrom } {
  const [before, old, lines = ''] = BODY.exec(note.text) ?? []
  if (before === undefined) return { note }
  const proof = lines
    .split('\n')
    .slice(0, MAX_PROOF + 1)
    .filter((line) => line !== '')
  return {
    note: { ...note, text: note.text.slice(before.length) },
    from: { old: Number(old), proof: proof.map((line) => Buffer.from(line, 'base64')) },
  }
}

/** The size in the answer 409; undefined for anything else. */
export function sizeIn(answer: string): number | undefined {
  const [, size] = /^(0|[1-9]\d{0,14})\n$/.exec(answer) ?? []
  return size === undefined ? undefined : Number(size)
}

/**
 * This witness's signature line over the text of the note, with its line end, written anew: strict
 * readers reject a whole note for one line in another form of base64. Undefined if its first line in
 * the answer does not fit: thousands fit into an answer, and each costs a check. Lines of other keys
 * count for nothing.
 */
export function cosignatureIn(answer: string, text: string, key: VerifierKey): string | undefined {
  for (const line of answer.split('\n')) {
    const signature = readSignature(line)
    if (signature?.name !== key.name || signature.id !== key.id) continue
    return isSignedBy({ text, signatures: [signature] }, key) ? signatureLine(signature) : undefined
  }
  return undefined
}
