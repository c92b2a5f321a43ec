import { createReadStream } from 'node:fs'
import { carriedLines } from './carried-lines.js'
import { aboutLine, GENESIS, type Head, type Link, readLink } from './chain.js'
import type { LedgerCheckpoints } from './checkpoints/kept-checkpoints.js'
import { LedgerCheckpointCheck, type TrailTree } from './checkpoints/ledger-checkpoints.js'
import { Acknowledgements } from './keys/acknowledgement.js'
import { readKeys } from './keys/first-keys.js'
import { KeySearch } from './keys/key-check.js'
import { type Line, linesOf } from './lines.js'
import {
  type AuditFinding,
  type AuditReport,
  Check,
  NOT_ACKNOWLEDGED,
  recordAt,
  type VerifyAuditOptions,
} from './verify.js'

/** What one process wrote. */
export interface LedgerTrail extends AuditReport {
  /** The random name in its first record; undefined where that is not there. */
  readonly trail: string | undefined
}

export interface LedgerReport {
  /** No finding in any trail, and none about all of them. */
  readonly ok: boolean
  readonly records: number
  /** In the order of their first records. */
  readonly trails: readonly LedgerTrail[]
  /** What belongs to no trail. The first hundred. */
  readonly findings: readonly AuditFinding[]
  readonly findingCount: number
  /** What was given and found in no trail: one that it is of may have been removed altogether. */
  readonly unused: UnusedEvidence
}

export interface UnusedEvidence {
  /** The ids of first keys that no record is sealed with. */
  readonly keys: readonly string[]
  /** Heads of files before those given that no record continues. */
  readonly after: readonly Head[]
}

export interface VerifyLedgerOptions
  extends Pick<VerifyAuditOptions, 'keys' | 'anchors' | 'acknowledged'> {
  /** Checkpoints of the trails, which must be given from their first records on. */
  readonly checkpoints?: LedgerCheckpoints | undefined
  /** Heads of files before those given: records that continue them are not late. */
  readonly after?: readonly Head[] | undefined
  /**
   * Trails may begin later than with their first record, as their earlier files are gone. Default
   * false: a record that continues one that is not there is a finding.
   */
  readonly partial?: boolean | undefined
}

/** The name of a file, or what opens it: it is opened twice where there are several. */
export type LedgerFile = string | (() => AsyncIterable<Uint8Array | string>)

/** One file or several in any order, or the bytes themselves. */
export type LedgerSource = string | readonly LedgerFile[] | AsyncIterable<Uint8Array | string>

/** Trails of one ledger; what begins another one after that is a finding. */
const MAX_TRAILS = 10_000
const MAX_FINDINGS = 100
/** Bytes at the beginning of a file in which its first record tells its time. */
const BEGINNING = 65_536

/**
 * Checks the trails of several processes together: in several files, in any order, or in the one of
 * a server that they all send to. Each record goes to the trail whose last one it is chained to.
 * Reads as a stream. Rejects if a file cannot be read, and with `LogError` for keys that are not keys.
 */
export async function verifyLedger(
  source: LedgerSource,
  options: VerifyLedgerOptions = {},
): Promise<LedgerReport> {
  const ledger = new Ledger(options)
  let number = 0
  for await (const line of linesOf(inTheirOrder(source))) {
    number++
    for (const carried of carriedLines(line)) ledger.line(carried, number)
  }
  return ledger.report()
}

/** Files by the time of their first record: those of one process then follow each other. */
async function* inTheirOrder(source: LedgerSource): AsyncGenerator<Uint8Array | string> {
  if (typeof source !== 'string' && !Array.isArray(source)) {
    yield* source as AsyncIterable<Uint8Array | string>
    return
  }
  const files: readonly LedgerFile[] = typeof source === 'string' ? [source] : source
  for (const file of files.length > 1 ? await sorted(files) : files) yield* opened(file)
}

async function sorted(files: readonly LedgerFile[]): Promise<LedgerFile[]> {
  const dated: { file: LedgerFile; begins: string }[] = []
  for (const file of files) dated.push({ file, begins: await firstTime(file) })
  return dated
    .toSorted((a, b) => (a.begins < b.begins ? -1 : Number(a.begins > b.begins)))
    .map(({ file }) => file)
}

async function firstTime(file: LedgerFile): Promise<string> {
  let text = ''
  for await (const chunk of opened(file)) {
    text += Buffer.from(chunk).toString('latin1')
    if (text.length >= BEGINNING) break
  }
  return /"seq\\?":\d+,\\?"time\\?":\\?"([^"\\]*)/.exec(text.slice(0, BEGINNING))?.[1] ?? ''
}

function opened(file: LedgerFile): AsyncIterable<Uint8Array | string> {
  return typeof file === 'string' ? createReadStream(file) : file()
}

/** A trail while its records come in. */
interface Growing {
  readonly check: Check
  /** For its checkpoints. */
  readonly tree: TrailTree | undefined
  name: string | undefined
  /** The last record that an anchor is of; -1 for none. */
  confirmed: number
  /** It continues a record that is not there, and nobody has said so yet. */
  isLate: boolean
}

/** The trails as their records come in. */
export class Ledger {
  readonly #options: VerifyLedgerOptions
  readonly #trails: Growing[] = []
  /** By the hash of its last record. */
  readonly #ends = new Map<string, Growing>()
  readonly #anchors: Map<string, Head>
  readonly #after: ReadonlyMap<string, Head>
  /** Heads of `#after` that a record has continued. */
  readonly #continued = new Set<string>()
  readonly #acknowledgements: Acknowledgements
  readonly #search: KeySearch
  readonly #keyIds: readonly string[]
  readonly #checkpoints: LedgerCheckpointCheck | undefined
  readonly #findings: AuditFinding[] = []
  #findingCount = 0
  #suspect: { readonly line: Line; readonly number: number } | undefined

  constructor(options: VerifyLedgerOptions, search = new KeySearch()) {
    this.#options = options
    this.#search = search
    const { anchors = [], after = [], checkpoints, acknowledged = [], keys = [] } = options
    // Each is checked in the trail that it is about; that it is there at all, here.
    const firsts = readKeys(keys)
    this.#keyIds = [...firsts.keys()]
    this.#acknowledgements = new Acknowledgements(acknowledged, firsts)
    const known = [...anchors, ...this.#acknowledgements.records]
    this.#anchors = new Map(known.map((head) => [`${head.seq}:${head.hash}`, head]))
    this.#after = new Map(after.map((head) => [head.hash, head]))
    this.#checkpoints = checkpoints && new LedgerCheckpointCheck(checkpoints)
  }

  line(line: Line, number: number): void {
    const link = readLink(line.text)
    if (link === undefined) {
      this.#settleSuspect()
      this.#suspect = { line, number }
      return
    }
    const trail = this.#ends.get(link.prev) ?? this.#begin(link.prev, number)
    if (trail === undefined) return
    this.#checkFork(link, number)
    // What a crash left is before the record that says so, in the file of the same process.
    if (this.#suspect !== undefined) trail.check.line(this.#suspect.line, this.#suspect.number)
    this.#suspect = undefined
    trail.check.line(line, number)
    trail.tree?.record(link.seq, Buffer.from(line.text, 'latin1'))
    if (link.seq === 0) trail.name = /"trail":"([\w-]{1,64})"/.exec(line.text)?.[1]
    this.#ends.delete(link.prev)
    this.#ends.set(link.hash, trail)
    if (this.#anchors.delete(`${link.seq}:${link.hash}`)) trail.confirmed = link.seq
    if (trail.isLate && this.#options.partial !== true) {
      trail.isLate = false
      const { event = '' } = aboutLine(line.text)
      this.#find('removed', `record ${link.seq} (${event}) continues one that is not there`, number)
    }
  }

  report(): LedgerReport {
    this.#settleSuspect()
    for (let i = 0; i < this.#acknowledgements.bad; i++) {
      this.#find('bad-acknowledgement', NOT_ACKNOWLEDGED, 0)
    }
    for (const { code, message } of this.#checkpoints?.end() ?? []) this.#find(code, message, 0)
    for (const { seq } of this.#anchors.values()) {
      this.#find('cut-off', `record ${seq} was written and is missing, or is not the one`, 0)
    }
    const trails = this.#trails.map(({ check, name, tree, confirmed }) => ({
      trail: name,
      ...check.report(),
      confirmed: recordAt(Math.max(confirmed, tree?.confirmed ?? -1)),
    }))
    return {
      ok: this.#findingCount === 0 && trails.every(({ ok }) => ok),
      records: trails.reduce((sum, { records }) => sum + records, 0),
      trails,
      findings: this.#findings,
      findingCount: this.#findingCount,
      unused: this.#unused(),
    }
  }

  #unused(): UnusedEvidence {
    return {
      keys: this.#keyIds.filter((id) => !this.#search.hasFound(id)),
      after: [...this.#after.values()].filter(({ hash }) => !this.#continued.has(hash)),
    }
  }

  #begin(prev: string, number: number): Growing | undefined {
    if (this.#trails.length >= MAX_TRAILS) {
      this.#find('no-record', `there are more than ${MAX_TRAILS} trails`, number)
      return undefined
    }
    const { keys } = this.#options
    const after = this.#continued.has(prev) ? undefined : this.#after.get(prev)
    const trail: Growing = {
      check: new Check(
        { keys, after },
        { acknowledgements: this.#acknowledgements, search: this.#search },
      ),
      tree: this.#checkpoints?.trail(),
      name: undefined,
      confirmed: -1,
      isLate: prev !== GENESIS.hash && after === undefined,
    }
    this.#trails.push(trail)
    return trail
  }

  /** One record continues the head of a file: with two, one of them was put in its place. */
  #checkFork({ seq, prev }: Pick<Link, 'seq' | 'prev'>, number: number): void {
    const head = this.#after.get(prev)
    if (head === undefined) return
    if (this.#continued.has(prev)) {
      const message = `record ${seq} continues record ${head.seq}, which another record continues too`
      this.#find('out-of-order', message, number)
    }
    this.#continued.add(prev)
  }

  #settleSuspect(): void {
    if (this.#suspect === undefined) return
    this.#find('no-record', 'this line is not a record', this.#suspect.number)
    this.#suspect = undefined
  }

  #find(code: AuditFinding['code'], message: string, line: number): void {
    this.#findingCount++
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ code, line, message })
  }
}
