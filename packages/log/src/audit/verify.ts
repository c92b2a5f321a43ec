import type { AuditReport, VerifyAuditOptions } from './audit-report.js'
import { carriedLines } from './carried-lines.js'
import { type AuditSource, bytesOf, linesOf } from './lines.js'
import { TrailCheck } from './trail-check.js'

/**
 * Checks that the records of a trail are the ones that were written, all of them and in order.
 * Reads as a stream; memory does not grow with the trail. Rejects if a file cannot be read, and with
 * `LogError` for keys that are not keys; anything wrong in the bytes of a trail is a finding.
 */
export async function verifyAudit(
  source: AuditSource,
  options: VerifyAuditOptions = {},
): Promise<AuditReport> {
  const check = new TrailCheck(options)
  let number = 0
  for await (const line of linesOf(bytesOf(source))) {
    number++
    for (const carried of carriedLines(line)) check.line(carried, number)
  }
  return { ...check.report(), unusedKeys: check.unusedKeys }
}
