import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { checkpointText } from '../src/audit/checkpoints/checkpoint.js'
import { LedgerCheckpointCheck, TrailTree } from '../src/audit/checkpoints/ledger-checkpoints.js'
import { newSignerKey, readSignerKey } from '../src/audit/checkpoints/note-keys.js'
import { signNote } from '../src/audit/checkpoints/signed-note.js'
import { verifyAudit } from '../src/index.js'
import { proofOf, rootOf } from './reference-tree.js'

const ORIGIN = 'example.com/audit'
const { signer, verifier } = newSignerKey(ORIGIN)

const noteOf = (size: number, root: Buffer, origin = ORIGIN, key = signer) => {
  const secret = readSignerKey(key)
  if (secret === undefined) throw new Error('no key')
  return signNote(checkpointText({ origin, size, root }), secret)
}

/** A trail as docs/logging.md describes it. */
function trail(count: number): string[] {
  const lines: string[] = []
  let prev = '0'.repeat(64)
  for (let seq = 0; seq < count; seq++) {
    const text = `{"seq":${seq},"time":"2026-01-01T00:00:00.000Z","event":"denied","prev":"${prev}"`
    prev = createHash('sha256').update(text).digest('hex')
    lines.push(`${text},"hash":"${prev}"}`)
  }
  return lines
}

async function* bytes(lines: readonly string[]) {
  for (const line of lines) yield `${line}\n`
}

describe('the checkpoints that were kept of a log', () => {
  const lines = trail(40)
  const leaves = lines.map((line) => Buffer.from(line))

  test('are found to fit, or not, each for itself, in whatever order they are given', async () => {
    const kept = fc.uniqueArray(
      fc.record({ size: fc.integer({ min: 1, max: 40 }), isOwn: fc.boolean() }),
      { selector: ({ size }) => size, maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(kept, fc.nat(40), async (each, records) => {
        const other = Buffer.alloc(32, 7)
        const notes = each.map(({ size, isOwn }) =>
          noteOf(size, isOwn ? rootOf(leaves.slice(0, size)) : other),
        )
        const checkpoints = { key: verifier, notes: [...notes, ...notes.slice(0, 2)] }
        const report = await verifyAudit(bytes(lines.slice(0, records)), { checkpoints })
        const reached = each.filter(({ size }) => size <= records)
        const fitting = reached.filter(({ isOwn }) => isOwn).map(({ size }) => size)
        expect(report.findings.map(({ code }) => code).sort()).toEqual([
          ...each.slice(reached.length).map(() => 'cut-off'),
          ...reached.slice(fitting.length).map(() => 'rewritten'),
        ])
        expect(report.confirmed).toBe(fitting.length > 0 ? Math.max(...fitting) - 1 : undefined)
      }),
      { numRuns: 60 },
    )
  })

  test('and a proof from one to another hold together, or one of the two is of another tree', async () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 39 }), fc.integer({ min: 1, max: 39 }))
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), async ([a, b], isOwn) => {
        fc.pre(a !== b)
        const [old, size] = [Math.min(a, b), Math.max(a, b)]
        const proof = proofOf(old, leaves.slice(0, size)).map((each) => each.toString('base64'))
        // Signed by the log's key as well, but of another history.
        const before = isOwn ? rootOf(leaves.slice(0, old)) : rootOf(leaves.slice(1, old + 1))
        const after = noteOf(size, rootOf(leaves.slice(0, size)))
        const request = [`old ${old}`, ...proof, '', after].join('\n')
        const notes = [noteOf(old, before), request]
        const report = await verifyAudit(bytes(lines), { checkpoints: { key: verifier, notes } })
        const codes = report.findings.map(({ code }) => code)
        expect(codes).toEqual(isOwn ? [] : ['bad-checkpoint', 'rewritten'])
      }),
      { numRuns: 60 },
    )
  })

  test('are looked at once each, however many trails somebody began', () => {
    const leaf = Buffer.from('a record')
    const roots = Array.from({ length: 300 }, (_, i) => rootOf(Array<Buffer>(i + 1).fill(leaf)))
    const notes = [roots.map((root, i) => noteOf(i + 1, root)).join('\n')]
    const check = new LedgerCheckpointCheck({ keys: [verifier], notes })
    const own = check.trail()
    for (let i = 0; i < roots.length; i++) own.record(i, leaf)
    for (let i = 0; i < 3000; i++) check.trail().record(0, Buffer.from(`other ${i}`))
    const looks = [vi.spyOn(TrailTree.prototype, 'fits'), vi.spyOn(TrailTree.prototype, 'roots')]
    expect(check.end()).toEqual([])
    const [fits, walks] = looks.map(({ mock }) => mock.calls.length)
    vi.restoreAllMocks()
    expect(fits).toBeLessThanOrEqual(2 * roots.length)
    expect(walks).toBe(3001)
    expect(own.confirmed).toBe(299)
  })
})
