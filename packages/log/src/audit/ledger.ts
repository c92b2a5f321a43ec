import { carriedLines } from './carried-lines.js'
import { aboutLine, GENESIS, type Head, type Link, readLink } from './chain.js'
import { LedgerCheckpointCheck, type TrailTree } from './checkpoints/ledger-checkpoints.js'
import { type AuditFinding, Findings } from './findings.js'
import { HashSet } from './hash-set.js'
import { Acknowledgements } from './keys/acknowledgement.js'
import { readKeys } from './keys/first-keys.js'
import { KeySearch } from './keys/key-check.js'
import { inTheirOrder, type LedgerSource } from './ledger-files.js'
import type { LedgerReport, UnusedEvidence, VerifyLedgerOptions } from './ledger-report.js'
import { type Line, linesOf } from './lines.js'
import { NOT_ACKNOWLEDGED, recordAt, TrailCheck } from './trail-check.js'

/** Trails of one ledger; what begins another one after that is a finding. */
const MAX_TRAILS = 10_000

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

/** A trail while its records come in. */
interface Growing {
  readonly check: TrailCheck
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
  /** The hashes that a record is chained to: a second one would be a fork. */
  readonly #continued = new HashSet()
  readonly #names = new Set<string>()
  readonly #acknowledgements: Acknowledgements
  readonly #search: KeySearch
  readonly #keyIds: readonly string[]
  readonly #checkpoints: LedgerCheckpointCheck | undefined
  readonly #findings = new Findings()
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
    const isContinued = !this.#continued.add(link.prev)
    if (isContinued && link.intact && this.#isKnown(link.hash)) {
      this.#settleSuspect()
      this.#find('out-of-order', `record ${link.seq} is there once more`, number)
      return
    }
    const isFork = isContinued && link.prev !== GENESIS.hash
    if (isFork) {
      const message = `record ${link.seq} continues a record that another one continues too`
      this.#find('forked', message, number)
    }
    const trail = this.#ends.get(link.prev) ?? this.#begin(link, isFork, number)
    if (trail !== undefined) this.#add(line, link, trail, number)
  }

  #add(line: Line, link: Link, trail: Growing, number: number): void {
    // What a crash left is before the record that says so, in the file of the same process.
    if (this.#suspect !== undefined) trail.check.line(this.#suspect.line, this.#suspect.number)
    this.#suspect = undefined
    trail.check.line(line, number)
    trail.tree?.record(link.seq, Buffer.from(line.text, 'latin1'))
    if (link.seq === 0) this.#name(trail, line, number)
    this.#ends.delete(link.prev)
    this.#ends.set(link.hash, trail)
    if (this.#anchors.delete(`${link.seq}:${link.hash}`)) trail.confirmed = link.seq
    if (trail.isLate && this.#options.partial !== true) {
      trail.isLate = false
      const { event = '' } = aboutLine(line.text)
      this.#find('removed', `record ${link.seq} (${event}) continues one that is not there`, number)
    }
  }

  /** Of a record that has been there. */
  #isKnown(hash: string): boolean {
    return this.#ends.has(hash) || this.#continued.has(hash)
  }

  /** The name is random: two trails that have it were one. */
  #name(trail: Growing, { text }: Line, number: number): void {
    const name = /"trail":"([\w-]{1,64})"/.exec(text)?.[1]
    trail.name = name
    if (name === undefined) return
    if (this.#names.has(name)) this.#find('forked', `trail ${name} begins a second time`, number)
    this.#names.add(name)
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
      ok: this.#findings.count === 0 && trails.every(({ ok }) => ok),
      records: trails.reduce((sum, { records }) => sum + records, 0),
      trails,
      findings: this.#findings.first,
      findingCount: this.#findings.count,
      unused: this.#unused(),
    }
  }

  #unused(): UnusedEvidence {
    return {
      keys: this.#keyIds.filter((id) => !this.#search.hasFound(id)),
      after: [...this.#after.values()].filter(({ hash }) => !this.#continued.has(hash)),
    }
  }

  #begin({ seq, prev }: Link, isFork: boolean, number: number): Growing | undefined {
    if (this.#trails.length >= MAX_TRAILS) {
      this.#find('no-record', `there are more than ${MAX_TRAILS} trails`, number)
      return undefined
    }
    const { keys } = this.#options
    const after = isFork ? undefined : this.#after.get(prev)
    const isFirst = seq === 0 && prev === GENESIS.hash
    const trail: Growing = {
      check: new TrailCheck(
        { keys, after },
        { acknowledgements: this.#acknowledgements, search: this.#search },
      ),
      tree: this.#checkpoints?.trail(),
      name: undefined,
      confirmed: -1,
      isLate: !isFirst && !isFork && after === undefined,
    }
    this.#trails.push(trail)
    return trail
  }

  #settleSuspect(): void {
    if (this.#suspect === undefined) return
    this.#find('no-record', 'this line is not a record', this.#suspect.number)
    this.#suspect = undefined
  }

  #find(code: AuditFinding['code'], message: string, line: number): void {
    this.#findings.add({ code, line, message })
  }
}
