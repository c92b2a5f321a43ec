import { withDeadline } from '@truehop/identity/adapter'
import type { WitnessSettings } from './checkpoint-options.js'
import { type Submission, Witness, WitnessError, type WitnessOutcome } from './witness.js'

/** Milliseconds between two rounds, so that checkpoints of every record are not as many requests. */
const ROUND_EVERY = 1000
/** Milliseconds that `close` waits. */
const CLOSE_WITHIN = 5000

/** What the witnesses of a trail tell it. */
export interface GroupListener {
  /** The checkpoint with all its cosignatures so far. */
  cosigned(note: string): void
  outcome(witness: string, outcome: WitnessOutcome): void
  error(error: Error): void
}

/**
 * Sends checkpoints to witnesses, one at a time: while they answer, only the newest one waits. No
 * answer can hold up the trail.
 */
export class WitnessGroup {
  readonly #witnesses: readonly Witness[]
  /** Milliseconds. */
  readonly #timeout: number
  readonly #listener: GroupListener
  readonly #closing = new AbortController()
  #latest: Submission | undefined
  /** The signature lines over `#latest`, by witness. */
  #lines = new Map<Witness, string>()
  #round: Promise<void> | undefined
  #pause: NodeJS.Timeout | undefined
  #isDue = false
  #isClosing = false

  constructor(witnesses: readonly WitnessSettings[], seconds: number, listener: GroupListener) {
    this.#witnesses = witnesses.map(({ url, key }) => new Witness(url, key))
    this.#timeout = seconds * 1000
    this.#listener = listener
  }

  submit(submission: Submission): void {
    this.#latest = submission
    this.#lines = new Map()
    this.#isDue = true
    this.#start()
  }

  /** Asks those again that have not cosigned the newest checkpoint. */
  retry(): void {
    this.#isDue ||= this.#latest !== undefined && this.#lines.size < this.#witnesses.length
    this.#start()
  }

  /** Resolves when all have answered, or a few seconds later. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#endPause()
    const late = setTimeout(() => this.#closing.abort(), CLOSE_WITHIN)
    await this.#round
    if (!this.#closing.signal.aborted) this.#start()
    await this.#round
    clearTimeout(late)
    this.#closing.abort()
  }

  #start(): void {
    const submission = this.#latest
    if (!this.#isDue || this.#round !== undefined || this.#pause !== undefined) return
    if (submission === undefined) return
    this.#isDue = false
    const lines = this.#lines
    this.#round = this.#ask(submission, lines).finally(() => {
      this.#round = undefined
      if (!this.#isClosing) this.#pause = setTimeout(() => this.#resume(), ROUND_EVERY).unref()
    })
  }

  #resume(): void {
    this.#endPause()
    this.#start()
  }

  #endPause(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
  }

  async #ask(submission: Submission, lines: Map<Witness, string>): Promise<void> {
    const before = lines.size
    const asked = this.#witnesses.filter((witness) => !lines.has(witness))
    await Promise.all(asked.map((witness) => this.#askOne(witness, submission, lines)))
    if (lines.size === before) return
    const inOrder = this.#witnesses.map((witness) => lines.get(witness) ?? '')
    this.#listener.cosigned(`${submission.note}${inOrder.join('')}`)
  }

  async #askOne(
    witness: Witness,
    submission: Submission,
    lines: Map<Witness, string>,
  ): Promise<void> {
    const ask = (signal: AbortSignal) => witness.cosign(submission, signal)
    try {
      lines.set(witness, await withDeadline(this.#timeout, this.#closing.signal, ask))
      this.#listener.outcome(witness.name, 'cosigned')
    } catch (error) {
      const { message } = error instanceof Error ? error : new Error(String(error))
      const outcome = error instanceof WitnessError ? error.outcome : 'refused'
      this.#listener.outcome(witness.name, outcome)
      this.#listener.error(new Error(`witness ${witness.name} ${message}`))
    }
  }
}
