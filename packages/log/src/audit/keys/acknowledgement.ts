import { createHmac } from 'node:crypto'
import { LogError } from '../../log-error.js'
import type { Head } from '../chain.js'
import { isMacOf, macOf } from './derivation.js'
import { readKeys } from './first-keys.js'

/** Keys that were used for records that are not there, and the record after them. */
export interface SkippedKeys {
  /** The id of the first key, and the indexes of the first and the last one: `a1b2c3d4.17-23`. */
  readonly keys: string
  /** The record that was written next. */
  readonly record: Head
}

/** What an operator says of them. */
export interface Acknowledgement extends SkippedKeys {
  /** Why they count as lost in a crash, up to 1024 characters. */
  readonly reason: string
}

const KEYS = /^([\da-f]{8})\.(\d{1,15})-(\d{1,15})$/
const MAX_REASON = 1024

/**
 * Says that keys were skipped by a crash, for `verifyAudit` to take note of: a line of JSON, sealed
 * with a key that only the first key leads to, so that no service, and nobody who has taken one, can
 * make it. It is about one gap and the very record after it, and counts for no other.
 *
 * @param first K0 in hexadecimal digits, as `createAuditKey` returned it.
 * @throws {LogError} for what is not of this form.
 */
export function acknowledgeSkippedKeys(first: string, about: Acknowledgement): string {
  const { keys, record, reason } = about
  const [[id = '', key] = []] = readKeys([first])
  if (KEYS.exec(keys)?.[1] !== id || key === undefined) {
    const message = `must be keys of this first key, such as ${id}.17-23, as the finding names them`
    throw new LogError('bad-option', 'keys', message)
  }
  if (!/^[\da-f]{64}$/.test(record.hash) || !Number.isSafeInteger(record.seq) || record.seq < 0) {
    throw new LogError('bad-option', 'record', 'must be the head that the finding names, SEQ:HASH')
  }
  if (reason.trim() === '' || reason.length > MAX_REASON) {
    const message = `must be 1 to ${MAX_REASON} characters that say how it is known that it was a crash`
    throw new LogError('bad-option', 'reason', message)
  }
  const said = { skipped: keys, record: `${record.seq}:${record.hash}`, time: new Date(), reason }
  const sealed = JSON.stringify(said).slice(0, -1)
  return `${sealed},"mac":"${macOf(sealingKey(key), sealed)}"}\n`
}

/** An operator's words on a gap. */
export interface Acknowledged {
  readonly reason: string
  readonly time: string
}

/** The acknowledgements that were given to a verification. */
export class Acknowledgements {
  readonly #byGap = new Map<string, Acknowledged>()
  /** The records that they are about: each was there when somebody looked. */
  readonly records: Head[] = []
  /** Lines that are not sealed as they must be. */
  bad = 0

  /** @param keys K0 by id. Lines about keys that are not among them are for another trail. */
  constructor(texts: readonly string[], keys: ReadonlyMap<string, Buffer>) {
    for (const line of texts.flatMap((text) => text.split('\n'))) {
      if (line.trim() !== '') this.#read(line, keys)
    }
  }

  /** Undefined for a gap that nobody has acknowledged. */
  of({ keys, record }: SkippedKeys): Acknowledged | undefined {
    return this.#byGap.get(`${keys} ${record.seq}:${record.hash}`)
  }

  #read(line: string, keys: ReadonlyMap<string, Buffer>): void {
    const [, sealed = '', id = '', mac = ''] = LINE.exec(line) ?? []
    const key = keys.get(id)
    if (sealed !== '' && key === undefined) return
    const said = key === undefined ? undefined : saidIn(sealed)
    if (key === undefined || said === undefined) this.bad++
    else if (!isMacOf(mac, sealingKey(key), Buffer.from(sealed))) this.bad++
    else {
      this.#byGap.set(`${said.skipped} ${said.record}`, said)
      const [seq = '', hash = ''] = said.record.split(':')
      this.records.push({ seq: Number(seq), hash })
    }
  }
}

const LINE = /^(\{"skipped":"([\da-f]{8})\.[^\n]{1,8192}),"mac":"([\da-f]{64})"\}\r?$/

function saidIn(
  sealed: string,
): (Acknowledged & { readonly skipped: string; readonly record: string }) | undefined {
  try {
    const said: unknown = JSON.parse(`${sealed}}`)
    const { skipped, record, time, reason } = said as Readonly<Record<string, unknown>>
    if (typeof skipped !== 'string' || typeof record !== 'string') return undefined
    return { skipped, record, time: String(time), reason: String(reason) }
  } catch {
    return undefined
  }
}

/** Follows from the first key alone: neither a later key nor a record's leads to it. */
function sealingKey(first: Uint8Array): Buffer {
  return createHmac('sha256', first).update('truehop audit acknowledgement').digest()
}
