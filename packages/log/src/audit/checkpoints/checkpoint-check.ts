import type { Checkpoint } from './checkpoint.js'
import { type CheckpointFinding, type KeptCheckpoints, readKept } from './kept-checkpoints.js'
import { MerkleTree } from './merkle-tree.js'

/** Checks that the records of a trail are those of its checkpoints, as they pass by. */
export class CheckpointCheck {
  readonly #tree = new MerkleTree()
  readonly #due: Checkpoint[]
  readonly #findings: CheckpointFinding[]
  #isComplete = true
  /** The last record of a checkpoint that the records fit; -1 for none. */
  #confirmed = -1

  /** @throws {LogError} for keys that are not keys. */
  constructor({ key, ...kept }: KeptCheckpoints) {
    const { logs, findings } = readKept({ keys: [key], ...kept }, 'key')
    this.#findings = [...findings]
    this.#due = logs.flatMap(({ checkpoints }) => checkpoints)
  }

  get confirmed(): number {
    return this.#confirmed
  }

  /** The next record, and its line as bytes. */
  record(seq: number, line: Uint8Array): CheckpointFinding[] {
    const found = this.#compare()
    this.#isComplete &&= seq === this.#tree.size
    if (this.#isComplete) this.#tree.add(line)
    return found
  }

  end(): CheckpointFinding[] {
    const found = this.#compare()
    const left = this.#due.splice(0).map(({ size }): CheckpointFinding => {
      const message = this.#isComplete
        ? `a checkpoint has ${size} records, and the trail ${this.#tree.size}`
        : `a checkpoint of ${size} records cannot be compared: record ${this.#tree.size} is missing`
      return { code: 'cut-off', message }
    })
    return [...found, ...left]
  }

  #compare(): CheckpointFinding[] {
    const found = this.#findings.splice(0)
    for (const { size, root } of this.#reached()) {
      if (this.#tree.root().equals(root)) {
        this.#confirmed = size - 1
        continue
      }
      const message = `the first ${size} records are not those of the checkpoint`
      found.push({ code: 'rewritten', message })
    }
    return found
  }

  /** The checkpoints of as many records as there have been so far. */
  #reached(): Checkpoint[] {
    const next = this.#due.findIndex(({ size }) => size !== this.#tree.size)
    if (!this.#isComplete || next === 0) return []
    return this.#due.splice(0, next === -1 ? this.#due.length : next)
  }
}
