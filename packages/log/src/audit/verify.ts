import { LogError } from '../log-error.js'
import { carriedLines } from './carried-lines.js'
import { aboutLine, GENESIS, type Head, readLink, sha256 } from './chain.js'
import { CheckpointCheck } from './checkpoints/checkpoint-check.js'
import type { KeptCheckpoints } from './checkpoints/kept-checkpoints.js'
import { Acknowledgements, type SkippedKeys } from './keys/acknowledgement.js'
import { readKeys } from './keys/first-keys.js'
import { KeyCheck, type KeySearch, type SealFinding } from './keys/key-check.js'
import { type AuditSource, bytesOf, type Line, linesOf } from './lines.js'

/** What is wrong with a trail, and where. */
export interface AuditFinding {
  readonly code: AuditFindingCode
  /** Counted over all files, from 1. 0 if it concerns no line. */
  readonly line: number
  readonly message: string
  /** With `skipped-keys`, what `acknowledgeSkippedKeys` takes, if a crash can be the reason. */
  readonly skipped?: SkippedKeys | undefined
}

export type AuditFindingCode =
  /** A line was changed after it was written. */
  | 'altered'
  /** One or more records are missing before this line. */
  | 'removed'
  /** The line is where another record belongs: moved, repeated or added. */
  | 'out-of-order'
  /** The record is chained to a record other than the one before it. */
  | 'broken-chain'
  /** The line does not have the form of a record. */
  | 'no-record'
  /** The trail ends before a record that is known to have been written. */
  | 'cut-off'
  /** A record's hash differs from the one kept elsewhere. */
  | 'rewritten'
  /** A record has no seal, or one that was not made with its key. */
  | 'forged'
  /** A record is sealed with a key that did not exist yet when it was written. */
  | 'future-key'
  /** Keys were used for records that are not there: lost in a crash, or removed. */
  | 'skipped-keys'
  /** A record is sealed with a key that was not given. */
  | 'unknown-key'
  /** What was given as an acknowledgement was not made with the first key. */
  | 'bad-acknowledgement'
  /** The log signed two trees of one size: two histories. */
  | 'split-view'
  /** What was given as a checkpoint is not one of this log, or has a signature that does not fit. */
  | 'bad-checkpoint'
  /** Fewer witnesses than are needed cosigned a checkpoint. */
  | 'not-cosigned'

export interface VerifyAuditOptions {
  /**
   * Heads kept outside the trail (`trail.head`, `anchor`). Only they show that the end was cut off
   * or the whole trail rewritten. Each must be in the trail.
   */
  readonly anchors?: readonly Head[] | undefined
  /**
   * K0 of each key file that records were sealed with, in hexadecimal digits. Every record must then
   * be sealed. Without it, seals are not looked at.
   */
  readonly keys?: readonly string[] | undefined
  /**
   * What operators said of keys that were skipped, by `acknowledgeSkippedKeys`: texts of one line or
   * more. Needs `keys`. The records that they are about must be in the trail.
   */
  readonly acknowledged?: readonly string[] | undefined
  /**
   * Checkpoints that were kept outside the trail, which must be given from its first record on: each
   * must be signed, be cosigned by as many of the witnesses as are needed, and fit the records.
   */
  readonly checkpoints?: KeptCheckpoints | undefined
  /** The head of the file before the first one given. Without it, the trail may start anywhere. */
  readonly after?: Head | undefined
}

export interface AuditReport {
  /** No finding. Says nothing about what came after `last` unless an anchor was given. */
  readonly ok: boolean
  readonly records: number
  /** Lines that a crash left unfinished and the next start accounted for. */
  readonly torn: number
  /** Whether the first record starts a trail (true) or continues one that was not given. */
  readonly complete: boolean
  readonly last: Head | undefined
  /** Whether the last record says that the trail was closed: if not, it goes on, crashed or was cut. */
  readonly closed: boolean
  /**
   * The last record that a head or a checkpoint kept elsewhere shows to be the one that was written,
   * and with it all before: what comes after it may have been cut off or written anew.
   */
  readonly confirmed: number | undefined
  /** Records with a seal, which only `keys` can check. */
  readonly sealed: number
  /** What operators have acknowledged: keys that were skipped by a crash. The first hundred. */
  readonly acknowledged: readonly AuditFinding[]
  /** The first hundred. */
  readonly findings: readonly AuditFinding[]
  readonly findingCount: number
}

/**
 * Checks that the records of a trail are the ones that were written, all of them and in order.
 * Reads as a stream; memory does not grow with the trail. Rejects if a file cannot be read, and with
 * `LogError` for keys that are not keys; anything wrong in the bytes of a trail is a finding.
 */
export async function verifyAudit(
  source: AuditSource,
  options: VerifyAuditOptions = {},
): Promise<AuditReport> {
  const check = new Check(options)
  let number = 0
  for await (const line of linesOf(bytesOf(source))) {
    number++
    for (const carried of carriedLines(line)) check.line(carried, number)
  }
  return check.report()
}

const MAX_FINDINGS = 100

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

export class Check {
  readonly #anchors = new Map<number, Set<string>>()
  readonly #after: Head | undefined
  readonly #keys: KeyCheck | undefined
  readonly #checkpoints: CheckpointCheck | undefined
  readonly #findings: AuditFinding[] = []
  #findingCount = 0
  readonly #acknowledgements: Acknowledgements
  readonly #acknowledged: AuditFinding[] = []
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
    this.#keys = keys === undefined ? undefined : new KeyCheck(firsts, shared?.search)
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

  report(): AuditReport {
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
      ok: this.#findingCount === 0,
      records: this.#records,
      torn: this.#torn,
      complete: this.#complete,
      last: this.#records === 0 ? undefined : { seq, hash },
      closed: this.#closed,
      confirmed: recordAt(Math.max(this.#confirmed, this.#checkpoints?.confirmed ?? -1)),
      sealed: this.#sealed,
      acknowledged: this.#acknowledged,
      findings: this.#findings,
      findingCount: this.#findingCount,
    }
  }

  #checkSeal(found: SealFinding | undefined): void {
    if (found === undefined) return
    const { code, message, skipped } = found
    const said = skipped && this.#acknowledgements.of(skipped)
    if (said === undefined) this.#find(code, message, this.#lines, skipped)
    else if (this.#acknowledged.length < MAX_FINDINGS) {
      const told = `${message}; acknowledged ${said.time}: ${said.reason}`
      this.#acknowledged.push({ code, line: this.#lines, message: told, skipped })
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
    this.#findingCount++
    if (this.#findings.length >= MAX_FINDINGS) return
    this.#findings.push(
      skipped === undefined ? { code, line, message } : { code, line, message, skipped },
    )
  }
}

/** Undefined for -1, which stands for none. */
export function recordAt(seq: number): number | undefined {
  return seq < 0 ? undefined : seq
}
