import type { Checkpoint } from './checkpoint.js'
import {
  type CheckpointFinding,
  type LedgerCheckpoints,
  type LogCheckpoints,
  readKept,
} from './kept-checkpoints.js'
import { MerkleTree } from './merkle-tree.js'

type TreeRoot = Pick<Checkpoint, 'size' | 'root'>

/** Which trail of a ledger a log's checkpoints are of shows only in its records. */
export class LedgerCheckpointCheck {
  readonly #logs: readonly LogCheckpoints[]
  readonly #findings: readonly CheckpointFinding[]
  /** Sizes at which a root is needed. */
  readonly #sizes: ReadonlySet<number>
  readonly #trails: TrailTree[] = []
  /** The logs that signed a root, by size and root. */
  readonly #signers = new Map<string, LogCheckpoints[]>()

  /** @throws {LogError} for keys that are not keys. */
  constructor(kept: LedgerCheckpoints) {
    const { logs, findings } = readKept(kept)
    this.#logs = logs
    this.#findings = findings
    this.#sizes = new Set(logs.flatMap(({ checkpoints }) => checkpoints.map(({ size }) => size)))
    for (const log of logs) for (const each of log.checkpoints) this.#addSigner(each, log)
  }

  /** For the records of one more trail. */
  trail(): TrailTree {
    const trail = new TrailTree(this.#sizes)
    this.#trails.push(trail)
    return trail
  }

  end(): readonly CheckpointFinding[] {
    const own = this.#ownTrails()
    return [...this.#findings, ...this.#logs.flatMap((log) => this.#compared(log, own.get(log)))]
  }

  /**
   * The trail that fits most of a log's checkpoints is the log's. Only roots that trails have had are
   * looked at: a trail costs an attacker one line, and there may be many checkpoints.
   */
  #ownTrails(): ReadonlyMap<LogCheckpoints, TrailTree> {
    const best = new Map<LogCheckpoints, { readonly trail: TrailTree; readonly fits: number }>()
    for (const trail of this.#trails) {
      const counts = new Map<LogCheckpoints, number>()
      for (const root of trail.roots()) {
        for (const log of this.#signers.get(placeOf(root)) ?? [])
          counts.set(log, (counts.get(log) ?? 0) + 1)
      }
      for (const [log, fits] of counts) {
        if (fits > (best.get(log)?.fits ?? 0)) best.set(log, { trail, fits })
      }
    }
    return new Map([...best].map(([log, { trail }]) => [log, trail]))
  }

  /** What does not fit a log's trail is a finding. */
  #compared({ log, checkpoints }: LogCheckpoints, own: TrailTree | undefined): CheckpointFinding[] {
    for (const each of checkpoints) if (own?.fits(each) === true) own.confirm(each)
    const possible = own ?? (this.#trails.length === 1 ? this.#trails[0] : undefined)
    return checkpoints
      .filter((each) => own?.fits(each) !== true)
      .map(({ size }): CheckpointFinding => {
        const about = `the records of the checkpoint of ${size} records of ${log.name} are not there`
        return possible !== undefined && possible.size >= size
          ? { code: 'rewritten', message: `${about}, but others` }
          : { code: 'cut-off', message: `${about}: cut off, rewritten, or not given` }
      })
  }

  #addSigner(root: TreeRoot, log: LogCheckpoints): void {
    const signers = this.#signers.get(placeOf(root))
    if (signers === undefined) this.#signers.set(placeOf(root), [log])
    else signers.push(log)
  }
}

/** The Merkle tree of one trail, and its roots at the sizes that matter. */
export class TrailTree {
  readonly #tree = new MerkleTree()
  readonly #sizes: ReadonlySet<number>
  readonly #roots = new Map<number, Buffer>()
  #isComplete = true
  #confirmed = -1

  constructor(sizes: ReadonlySet<number>) {
    this.#sizes = sizes
    this.#roots.set(0, this.#tree.root())
  }

  /** The last record of a checkpoint that the records fit; -1 for none. */
  get confirmed(): number {
    return this.#confirmed
  }

  confirm({ size }: Checkpoint): void {
    this.#confirmed = Math.max(this.#confirmed, size - 1)
  }

  /** The roots it has had at the sizes that matter. */
  *roots(): Generator<TreeRoot> {
    for (const [size, root] of this.#roots) yield { size, root }
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

function placeOf({ size, root }: TreeRoot): string {
  return `${size} ${root.toString('hex')}`
}
