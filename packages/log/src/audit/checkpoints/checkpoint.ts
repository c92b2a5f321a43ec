import type { Note } from './signed-note.js'

/** What a log says of itself at one moment (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log. */
  readonly origin: string
  /** Records. */
  readonly size: number
  /** Of the Merkle tree over them: 32 bytes. */
  readonly root: Buffer
}

const TEXT = /^([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z\d+/]{43}=)\n(?:[^\n]+\n)*$/

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/** Undefined for a note that is not a checkpoint. */
export function readCheckpoint({ text }: Note): Checkpoint | undefined {
  const [, origin, size, root = ''] = TEXT.exec(text) ?? []
  if (origin === undefined) return undefined
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') }
}
