import { LogError } from '../log-error.js'
import type { TrailReport, VerifyAuditOptions } from './audit-report.js'
import { aboutLine, GENESIS, type Head, readLink, sha256 } from './chain.js'
import { CheckpointCheck } from './checkpoints/checkpoint-check.js'
import { type AuditFinding, type AuditFindingCode, Findings } from './findings.js'
import { Acknowledgements, type SkippedKeys } from './keys/acknowledgement.js'
import { readKeys } from './keys/first-keys.js'
import { KeyCheck, KeySearch, type SealFinding } from './keys/key-check.js'
import type { Line } from './lines.js'

export const NOT_ACKNOWLEDGED = 'an acknowledgement was not made with the first key'

/** With the length and the hash of the line before it, which a crash left behind. */
const RESUMED =
  /^\{"seq":\d+,"time":"[^"]*","event":"audit\.resumed","torn":([1-9]\d*),"tornHash":"([\da-f]{64})",/

/** What the trails of a ledger have in common. */
export interface SharedChecks {
  /** The ledger itself looks for the records that they are about. */
  readonly acknowledgements: Acknowledgements
  readonly search: KeySearch
}

/** Checks the records of one trail, line by line. */
export class TrailCheck {
  readonly #anchors = new Map<number, Set<string>>()
  readonly #after: Head | undefined
  readonly #keys: KeyCheck | undefined
  readonly #checkpoints: CheckpointCheck | undefined
  readonly #findings = new Findings()
  readonly #acknowledgements: Acknowledgements
  readonly #acknowledged = new Findings()
  readonly #keyIds: readonly string[]
  readonly #search: KeySearch
  /** Acknowledgements that are not. */
  readonly #bad: number
  #closed = false
  #sealed = 0
  #confirmed = -1
  #last: Head | undefined
  #complete = false
  #records = 0
  #torn = 0
  #lines = 0
  /** A line that is not a record, until the next one says whether a crash left it. */
  #suspect: string | undefined

  constructor(
    { anchors = [], after, keys, checkpoints, acknowledged = [] }: VerifyAuditOptions,
    shared?: SharedChecks,
  ) {
    this.#checkpoints = checkpoints && new CheckpointCheck(checkpoints)
    const firsts = readKeys(keys ?? [])
    this.#keyIds = [...firsts.keys()]
    this.#search = shared?.search ?? new KeySearch()
    this.#keys = keys === undefined ? undefined : new KeyCheck(firsts, this.#search)
    if (acknowledged.length > 0 && keys === undefined) {
      throw new LogError('bad-option', 'acknowledged', 'needs keys as well: they tell who made it')
    }
    const own = new Acknowledgements(acknowledged, firsts)
    this.#acknowledgements = shared?.acknowledgements ?? own
    this.#bad = own.bad
    for (const { seq, hash } of [...anchors, ...own.records]) {
      this.#anchors.set(seq, new Set(this.#anchors.get(seq)).add(hash))
    }
    this.#after = after
    this.#last = after
  }

  /** `number` counts over all files, from 1. */
  line({ text, ended, isCopy }: Line, number: number): void {
    this.#lines = number
    const link = readLink(text)
    if (link === undefined) {
      this.#settleSuspect(undefined)
      this.#suspect = text
      return
    }
    if (isCopy === undefined) this.#settleSuspect(link.intact ? text : undefined)
    this.#records++
    if (!link.intact) this.#find('altered', `record ${link.seq} was changed after it was written`)
    else if (!ended) this.#find('altered', `record ${link.seq} has lost its line end`)
    this.#checkOrder(link)
    this.#checkAnchor(link)
    const { event } = aboutLine(text)
    this.#closed = event === 'audit.closed'
    if (link.seal !== undefined) this.#sealed++
    this.#checkSeal(this.#keys?.record(link, event))
    this.#findAll(this.#checkpoints?.record(link.seq, Buffer.from(text, 'latin1')))
    this.#last = link
  }

  /** The ids of first keys that no record so far is sealed with. */
  get unusedKeys(): readonly string[] {
    return this.#keyIds.filter((id) => !this.#search.hasFound(id))
  }

  report(): TrailReport {
    this.#lines++
    this.#settleSuspect(undefined)
    this.#lines = 0
    this.#findAll(this.#checkpoints?.end())
    for (let i = 0; i < this.#bad; i++) this.#find('bad-acknowledgement', NOT_ACKNOWLEDGED)
    for (const seq of this.#anchors.keys()) {
      this.#find('cut-off', `record ${seq} was written and is missing`)
    }
    const { seq, hash } = this.#last ?? GENESIS
    return {
      ok: this.#findings.count === 0,
      records: this.#records,
      torn: this.#torn,
      complete: this.#complete,
      last: this.#records === 0 ? undefined : { seq, hash },
      closed: this.#closed,
      confirmed: recordAt(Math.max(this.#confirmed, this.#checkpoints?.confirmed ?? -1)),
      sealed: this.#sealed,
      acknowledged: this.#acknowledged.first,
      findings: this.#findings.first,
      findingCount: this.#findings.count,
    }
  }

  #checkSeal(found: SealFinding | undefined): void {
    if (found === undefined) return
    const { code, message, skipped } = found
    const said = skipped && this.#acknowledgements.of(skipped)
    if (said === undefined) this.#find(code, message, this.#lines, skipped)
    else {
      const told = `${message}; acknowledged ${said.time}: ${said.reason}`
      this.#acknowledged.add({ code, line: this.#lines, message: told, skipped })
    }
  }

  #checkOrder(link: Head & { readonly prev: string }): void {
    const last = this.#last
    if (last === undefined) {
      this.#complete = link.seq === 0 && link.prev === GENESIS.hash
      return
    }
    if (this.#records === 1) this.#complete = this.#after?.seq === GENESIS.seq
    if (link.seq <= last.seq) {
      this.#find('out-of-order', `record ${link.seq} comes after record ${last.seq}`)
    } else if (link.seq > last.seq + 1) {
      this.#find('removed', `records ${last.seq + 1} to ${link.seq - 1} are missing`)
    } else if (link.prev !== last.hash) {
      this.#find('broken-chain', `record ${link.seq} was not written after this record ${last.seq}`)
    }
  }

  #checkAnchor({ seq, hash }: Head): void {
    const kept = this.#anchors.get(seq)
    if (kept === undefined) return
    this.#anchors.delete(seq)
    if (kept.has(hash)) this.#confirmed = Math.max(this.#confirmed, seq)
    // Heads that differ for one record: at least one of them is of a trail that is not this one.
    for (const other of kept) {
      if (other === hash) continue
      this.#find('rewritten', `record ${seq} is not the one whose hash was kept`)
    }
  }

  /** Whether a line that is not a record is where the next record says that a crash left one. */
  #settleSuspect(next: string | undefined): void {
    const suspect = this.#suspect
    this.#suspect = undefined
    const found = next === undefined ? null : RESUMED.exec(next)
    if (suspect === undefined) {
      if (found !== null)
        this.#find('removed', 'the line that a crash left before this one is missing')
      return
    }
    const [, torn, hash] = found ?? []
    const bytes = Buffer.from(suspect, 'latin1')
    if (Number(torn) === bytes.length && sha256(bytes) === hash) this.#torn++
    else this.#find('no-record', 'this line is not a record', this.#lines - 1)
  }

  #findAll(found: readonly Omit<AuditFinding, 'line'>[] = []): void {
    for (const { code, message } of found) this.#find(code, message)
  }

  #find(code: AuditFindingCode, message: string, line = this.#lines, skipped?: SkippedKeys): void {
    this.#findings.add(
      skipped === undefined ? { code, line, message } : { code, line, message, skipped },
    )
  }
}

/** Undefined for -1, which stands for none. */
export function recordAt(seq: number): number | undefined {
  return seq < 0 ? undefined : seq
}
