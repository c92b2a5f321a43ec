import { addCheckpointBody, cosignatureIn, sizeIn } from './add-checkpoint.js'
import type { Checkpoint } from './checkpoint.js'
import { checkpointText } from './checkpoint.js'
import type { VerifierKey } from './note-keys.js'

/** What a checkpoint is sent to witnesses as. */
export interface Submission {
  readonly checkpoint: Checkpoint
  /** The checkpoint with the log's signature. */
  readonly note: string
  /** The consistency proof from so many records on. */
  readonly proofFrom: (old: number) => readonly Buffer[]
}

/** How a witness answered. */
export const OUTCOMES = ['cosigned', 'refused', 'conflict', 'unreachable'] as const

export type WitnessOutcome = (typeof OUTCOMES)[number]

/** What came instead of a cosignature; the message is for people. */
export class WitnessError extends Error {
  readonly outcome: Exclude<WitnessOutcome, 'cosigned'>

  constructor(outcome: WitnessError['outcome'], message: string) {
    super(message)
    this.outcome = outcome
  }
}

/** Bytes of an answer that are read: signature lines of several keys, some of which are long. */
const MAX_ANSWER = 65_536
/** Requests for one checkpoint: the first says what the witness has, another may have sent meanwhile. */
const MAX_REQUESTS = 3

/** A witness as the client of C2SP tlog-witness sees it. */
export class Witness {
  readonly #url: URL
  readonly #key: VerifierKey
  /** Records in the checkpoint that it cosigned last, as far as is known. */
  #size = 0

  constructor(url: URL, key: VerifierKey) {
    const { href } = url
    this.#url = new URL('add-checkpoint', href.endsWith('/') ? href : `${href}/`)
    this.#key = key
  }

  get name(): string {
    return this.#key.name
  }

  /** Its signature line over the checkpoint, checked. Rejects with `WitnessError`, also once aborted. */
  async cosign(submission: Submission, signal: AbortSignal): Promise<string> {
    const { checkpoint, note, proofFrom } = submission
    for (let request = 1; request <= MAX_REQUESTS; request++) {
      // What it has signed may be more than this: then it says so.
      const old = Math.min(this.#size, checkpoint.size)
      const body = addCheckpointBody(old, proofFrom(old), note)
      const { status, text } = await this.#ask(body, signal)
      if (status === 200) return this.#signed(text, checkpoint)
      if (status !== 409) throw refusalOf(status)
      this.#size = sizeToGoOnFrom(sizeIn(text), old, checkpoint)
    }
    throw new WitnessError('conflict', 'names another size each time')
  }

  #signed(text: string, checkpoint: Checkpoint): string {
    const line = cosignatureIn(text, checkpointText(checkpoint), this.#key)
    if (line === undefined) {
      throw new WitnessError(
        'refused',
        'answers 200 without a signature of its key over the checkpoint',
      )
    }
    this.#size = checkpoint.size
    return line
  }

  async #ask(
    body: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'truehop-log/1' },
        body,
        // Only the URL in the configuration is trusted.
        redirect: 'manual',
        signal,
      })
      return { status: response.status, text: await boundedText(response) }
    } catch (error) {
      if (error instanceof WitnessError) throw error
      throw new WitnessError(
        'unreachable',
        signal.aborted ? 'did not answer in time' : reasonOf(error),
      )
    }
  }
}

/**
 * The size that a witness named in its refusal, if a proof can lead from there to the checkpoint.
 *
 * @throws {WitnessError} where the log's key has signed what this trail is not.
 */
function sizeToGoOnFrom(size: number | undefined, old: number, checkpoint: Checkpoint): number {
  if (size === undefined) throw new WitnessError('refused', 'answers 409 without a size')
  if (size > checkpoint.size) {
    const what = `has cosigned ${size} records of ${checkpoint.origin}, and the trail has ${checkpoint.size}`
    throw new WitnessError('conflict', `${what}: ${SIGNED_ELSEWHERE}`)
  }
  if (size !== old) return size
  if (size < checkpoint.size)
    throw new WitnessError('refused', 'answers 409 with the size it was given')
  const what = `has cosigned ${size} other records of ${checkpoint.origin}`
  throw new WitnessError('conflict', `${what}: ${SIGNED_ELSEWHERE}`)
}

const SIGNED_ELSEWHERE =
  'the trail was rewritten or put back from a copy, or its signing key is used elsewhere'

function refusalOf(status: number): WitnessError {
  const meaning = MEANINGS.get(status)
  const about = meaning === undefined ? '' : `: ${meaning}`
  return new WitnessError(
    status === NOT_CONSISTENT ? 'conflict' : 'refused',
    `answers ${status}${about}`,
  )
}

/** The proof does not lead to the checkpoint from what the witness has cosigned. */
const NOT_CONSISTENT = 422

/** What C2SP tlog-witness says with them. */
const MEANINGS = new Map([
  [403, 'it does not know the key of the checkpoints'],
  [404, 'it does not know the name of the log'],
  [NOT_CONSISTENT, 'the records it has seen are not those of the trail, so this one was rewritten'],
])

/** Rejects for an answer that is too long, or trickles until it is aborted. */
async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER)
      throw new WitnessError('refused', `answers more than ${MAX_ANSWER} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `fetch` says only that it failed, and why in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
