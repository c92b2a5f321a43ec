import assert from 'node:assert/strict'
import { type AuditReport, type Head, verifyAudit } from '@truehop/log'
import { seal } from '../../../packages/log/src/audit/chain.js'
import { corpusOf } from '../corpus.js'
import { mutateText } from '../mutate-text.js'
import type { Target } from '../target.js'
import { bytesOf, textOf } from '../text-of.js'

/** A trail as it is written, with a line that a crash left unfinished. */
function trail(): { readonly lines: readonly string[]; readonly head: Head } {
  const torn = '{"seq":3,"time":"2026-0'
  const time = '"time":"2026-01-31T00:00:00.000Z"'
  const events = [
    '"event":"audit.started"',
    '"event":"denied","i":1',
    '"event":"limited","i":2',
  ].concat(`"event":"audit.resumed","torn":${torn.length}`, '"event":"denied","i":4')
  const lines: string[] = []
  let head: Head = { seq: -1, hash: '0'.repeat(64) }
  for (const event of events) {
    const sealed = seal(`{${time},${event}}`, head)
    if (event.includes('torn')) lines.push(torn)
    lines.push(sealed.line.trimEnd())
    head = sealed.head
  }
  return { lines, head }
}

const { lines, head } = trail()
const RECORDS = lines.filter((line) => line.endsWith('}'))
const WHOLE = `${lines.join('\n')}\n`
const WORDS = [
  '\n',
  '\r',
  '"',
  '{',
  '}',
  '\0',
  '\\n',
  '0',
  '1',
  ',"prev":"',
  ',"hash":"',
  '"seq":',
].concat(
  RECORDS.map((line) => `${line}\n`),
  RECORDS,
  'é',
  '{"seq":0,',
)

/** Verification of any text: a report and no throw; and in order only what was written. */
export const audit: Target<string> = {
  name: 'audit',
  seeds: [WHOLE, `${RECORDS.slice(0, 3).join('\n')}\n`, ...corpusOf('audit')],
  mutate(random, seeds) {
    const text = mutateText(random, random(2) === 0 ? [WHOLE] : seeds, WORDS)
    // Lines are what an attacker removes, moves and repeats.
    const parts = text.split('\n')
    if (random(3) === 0) parts.splice(random(parts.length), random(3))
    if (random(3) === 0) parts.splice(random(parts.length), 0, ...parts.splice(random(4), 1))
    return parts.join('\n')
  },
  fromBytes: textOf,
  toBytes: bytesOf,
  toText: (input) => input,
  async check(text, random) {
    const cut = random(text.length + 1)
    const report = await verifyAudit(chunks(text, cut), { anchors: [head] })
    assert.equal(report.ok, report.findingCount === 0)
    assert(report.findings.length <= 100)
    checkTrust(text, report)
    const codes = [...new Set(report.findings.map(({ code }) => code))].sort()
    return `${report.records} records, ${report.complete ? 'complete' : 'cut'}, ${report.torn} torn: ${codes.join(' ') || 'in order'}`
  },
}

/** A trail in order, from its first record to the head kept elsewhere, is the one that was written. */
function checkTrust(text: string, { ok, complete, records }: AuditReport): void {
  if (!ok || !complete) return
  assert.deepEqual(
    text.split('\n').filter((line) => RECORDS.includes(line)),
    RECORDS,
  )
  assert.equal(records, RECORDS.length)
}

async function* chunks(text: string, cut: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  yield bytes.subarray(0, cut)
  yield bytes.subarray(cut)
}
