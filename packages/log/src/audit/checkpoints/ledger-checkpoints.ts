import type { Checkpoint } from './checkpoint.js'
import {
  type CheckpointFinding,
  type LedgerCheckpoints,
  type LogCheckpoints,
  readKept,
} from './kept-checkpoints.js'
import { MerkleTree } from './merkle-tree.js'

/** Which trail of a ledger a log's checkpoints are of shows only in its records. */
export class LedgerCheckpointCheck {
  readonly #logs: readonly LogCheckpoints[]
  readonly #findings: readonly CheckpointFinding[]
  /** Sizes at which a root is needed. */
  readonly #sizes: ReadonlySet<number>
  readonly #trails: TrailTree[] = []

  /** @throws {LogError} for keys that are not keys. */
  constructor(kept: LedgerCheckpoints) {
    const { logs, findings } = readKept(kept)
    this.#logs = logs
    this.#findings = findings
    this.#sizes = new Set(logs.flatMap(({ checkpoints }) => checkpoints.map(({ size }) => size)))
  }

  /** For the records of one more trail. */
  trail(): TrailTree {
    const trail = new TrailTree(this.#sizes)
    this.#trails.push(trail)
    return trail
  }

  end(): readonly CheckpointFinding[] {
    return [...this.#findings, ...this.#logs.flatMap((log) => this.#compared(log))]
  }

  /** The trail that fits most of a log's checkpoints is the log's; what does not fit it is a finding. */
  #compared({ log, checkpoints }: LogCheckpoints): CheckpointFinding[] {
    const fitting = this.#trails.map((trail) => ({
      trail,
      fits: checkpoints.filter((each) => trail.fits(each)).length,
    }))
    const [best] = fitting.sort((a, b) => b.fits - a.fits)
    const own = best === undefined || best.fits === 0 ? undefined : best.trail
    const possible = own === undefined ? this.#trails : [own]
    return checkpoints
      .filter((each) => own?.fits(each) !== true)
      .map(({ size }): CheckpointFinding => {
        const about = `the records of the checkpoint of ${size} records of ${log.name} are not there`
        return possible.some((trail) => trail.size >= size) && possible.length === 1
          ? { code: 'rewritten', message: `${about}, but others` }
          : { code: 'cut-off', message: `${about}: cut off, rewritten, or not given` }
      })
  }
}

/** The Merkle tree of one trail, and its roots at the sizes that matter. */
export class TrailTree {
  readonly #tree = new MerkleTree()
  readonly #sizes: ReadonlySet<number>
  readonly #roots = new Map<number, Buffer>()
  #isComplete = true

  constructor(sizes: ReadonlySet<number>) {
    this.#sizes = sizes
    this.#roots.set(0, this.#tree.root())
  }

  /** Records from the first one on. */
  get size(): number {
    return this.#tree.size
  }

  record(seq: number, line: Uint8Array): void {
    this.#isComplete &&= seq === this.#tree.size
    if (!this.#isComplete) return
    this.#tree.add(line)
    if (this.#sizes.has(this.#tree.size)) this.#roots.set(this.#tree.size, this.#tree.root())
  }

  fits({ size, root }: Checkpoint): boolean {
    return this.#roots.get(size)?.equals(root) === true
  }
}
