import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GENESIS } from '../src/audit/chain.js'
import { HashSet } from '../src/audit/hash-set.js'
import { KeySearch } from '../src/audit/keys/key-check.js'
import { Ledger } from '../src/audit/ledger.js'
import { auditTrail, createAuditKey, verifyLedger } from '../src/index.js'

let folder: string
const keys: string[] = []
/** The lines of three processes. */
const trails: string[][] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-ledger-'))
  for (let process = 0; process < 3; process++) {
    const [file, keyFile] = [join(folder, `${process}.jsonl`), join(folder, `${process}.key`)]
    keys.push(createAuditKey(keyFile))
    const trail = auditTrail({ file, keyFile, address: 'full' })
    for (let i = 0; i < 5; i++) {
      trail.record('thing', { process, i })
      // Files are put in order by the time of their first record.
      await sleep(3)
    }
    await trail.close()
    trails.push(readFileSync(file, 'utf8').split('\n').slice(0, -1))
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

async function* bytes(lines: readonly string[]) {
  for (const line of lines) yield `${line}\n`
}

/** The lines of all, each process's in its order. */
const merged = fc
  .shuffledSubarray(
    [0, 1, 2].flatMap((process) => Array<number>(7).fill(process)),
    { minLength: 21 },
  )
  .map((turns) => {
    const rest = trails.map((lines) => [...lines])
    return turns.flatMap((process) => rest[process]?.shift() ?? [])
  })

const allCodes = ({ findings, trails: each }: Awaited<ReturnType<typeof verifyLedger>>) => [
  ...findings.map(({ code }) => code),
  ...each.flatMap((one) => one.findings.map(({ code }) => code)),
]

describe('the trails of several processes', () => {
  test('are told apart in one file, however their records come in', async () => {
    await fc.assert(
      fc.asyncProperty(merged, async (lines) => {
        const report = await verifyLedger(bytes(lines), { keys })
        expect(allCodes(report)).toEqual([])
        expect(report).toMatchObject({ ok: true, records: 21 })
        expect(report.trails.map(({ records, complete }) => [records, complete])).toEqual(
          Array(3).fill([7, true]),
        )
        expect(new Set(report.trails.map(({ trail }) => trail)).size).toBe(3)
      }),
      { numRuns: 100 },
    )
  })

  test('show a record that is altered or removed in any of them, but for the last', async () => {
    const place = fc.nat(20)
    await fc.assert(
      fc.asyncProperty(merged, place, fc.boolean(), async (lines, at, alters) => {
        const line = lines[at] ?? ''
        fc.pre(alters || !line.includes('"audit.closed"'))
        const changed = line.replace(/"time":"\d/, '"time":"9')
        const attacked = alters ? lines.with(at, changed) : lines.toSpliced(at, 1)
        const report = await verifyLedger(bytes(attacked), { keys })
        expect(report.ok).toBe(false)
        expect(allCodes(report)).toContain(alters ? 'altered' : 'removed')
      }),
      { numRuns: 200 },
    )
  })

  test('may be in files that are given in any order, and in several each', async () => {
    const files = trails.flatMap((lines, process) => {
      const parts = [lines.slice(0, 3), lines.slice(3)]
      return parts.map((part, n) => {
        const file = join(folder, `${process}-${n}.part`)
        writeFileSync(file, part.map((line) => `${line}\n`).join(''))
        return file
      })
    })
    for (const order of [files, files.toReversed()]) {
      expect((await verifyLedger(order, { keys })).ok).toBe(true)
    }
  })

  test('may begin late only where that is said', async () => {
    const lines = trails[0]?.slice(2) ?? []
    expect(allCodes(await verifyLedger(bytes(lines), { keys }))).toEqual(['removed'])
    expect(await verifyLedger(bytes(lines), { keys, partial: true })).toMatchObject({
      ok: true,
      trails: [{ complete: false, trail: undefined }],
    })
  })

  test('have the heads that were kept of any of them', async () => {
    const { seq, hash } = JSON.parse(trails[1]?.at(-1) ?? '')
    const anchors = [{ seq, hash }]
    expect((await verifyLedger(bytes(trails.flat()), { anchors })).ok).toBe(true)
    const without = [...(trails[0] ?? []), ...(trails[1]?.slice(0, -1) ?? [])]
    expect(allCodes(await verifyLedger(bytes(without), { anchors }))).toEqual(['cut-off'])
  })

  test('and a line that is not a record is one finding', async () => {
    const [first = [], ...others] = trails
    const lines = [...first, 'nothing', ...others.flat()]
    expect(allCodes(await verifyLedger(bytes(lines), { keys })).length).toBeGreaterThan(0)
    expect(allCodes(await verifyLedger(bytes([...trails.flat(), 'nothing'])))).toEqual([
      'no-record',
    ])
  })

  /** A record as docs/logging.md describes it. */
  function recordAfter(prev: string, seq: number, about: string, sealed = ''): string {
    const text = `{"seq":${seq},"time":"2026-01-01T00:00:00.000Z","event":"${about}","prev":"${prev}"${sealed}`
    return `${text},"hash":"${createHash('sha256').update(text).digest('hex')}"}`
  }

  test.each([{}, { partial: true }])(
    'do not fork after the head that they continue: %j',
    async (options) => {
      const after = [{ seq: 4, hash: 'ab'.repeat(32) }]
      const [one, other] = ['one', 'other'].map((about) => recordAfter('ab'.repeat(32), 5, about))
      const report = (lines: string[]) => verifyLedger(bytes(lines), { after, ...options })
      expect(await report([one ?? ''])).toMatchObject({ ok: true })
      expect(allCodes(await report([one ?? '', other ?? '']))).toContain('forked')
    },
  )

  test('nor where the record of that head is given too', async () => {
    const head = recordAfter('0'.repeat(64), 0, 'audit.started')
    const hash: string = JSON.parse(head).hash
    const lines = [head, ...['one', 'other'].map((about) => recordAfter(hash, 1, about))]
    const report = await verifyLedger(bytes(lines), { after: [{ seq: 0, hash }], partial: true })
    expect(allCodes(report)).toEqual(['forked'])
  })

  test.each([{}, { partial: true }])(
    'have a fork wherever two records continue one, first ones aside: %j',
    async (options) => {
      const records = fc.array(fc.record({ parent: fc.nat(12), isThere: fc.boolean() }), {
        minLength: 2,
        maxLength: 12,
      })
      await fc.assert(
        fc.asyncProperty(records, async (each) => {
          const made = [GENESIS]
          const lines: string[] = []
          const parents: string[] = []
          for (const [i, { parent, isThere }] of each.entries()) {
            const { hash, seq } = made[parent % made.length] ?? GENESIS
            const line = recordAfter(hash, seq + 1, `event-${i}`)
            made.push(JSON.parse(line))
            // What was not given is not there to be continued, but two can continue it all the same.
            if (!isThere) continue
            lines.push(line)
            parents.push(hash)
          }
          const given = parents.filter((hash) => hash !== GENESIS.hash)
          const forks = given.length - new Set(given).size
          const codes = allCodes(await verifyLedger(bytes(lines), options))
          expect(codes.filter((code) => code === 'forked').length).toBe(forks)
        }),
        { numRuns: 300 },
      )
    },
  )

  test('have a fork where two begin with one name', async () => {
    const first = (about: string) =>
      recordAfter('0'.repeat(64), 0, about).replace('"event"', '"trail":"a","event"')
    const named = ['one', 'other'].map((about) => {
      const text = first(about).replace(/,"hash".*/, '')
      return `${text},"hash":"${createHash('sha256').update(text).digest('hex')}"}`
    })
    expect(allCodes(await verifyLedger(bytes(named), { partial: true }))).toEqual(['forked'])
  })

  test('do not begin with a record that is not the first one', async () => {
    const report = await verifyLedger(bytes([recordAfter('0'.repeat(64), 7, 'thing')]))
    expect(allCodes(report)).toEqual(['removed'])
  })

  test('show a record that was sent twice, and go on after it', async () => {
    const [lines = []] = trails
    const repeated = [...lines.slice(0, 4), ...lines.slice(2, 4), ...lines.slice(4)]
    const report = await verifyLedger(bytes(repeated), { keys, partial: true })
    expect(allCodes(report)).toEqual(['out-of-order', 'out-of-order'])
    expect(report).toMatchObject({ records: 7, trails: [{ records: 7, ok: true }] })
  })

  test('share one search for keys: a line that begins a trail does not cost another one', () => {
    const first = Buffer.alloc(32, 7)
    const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()
    const id = createHash('sha256').update('truehop audit key id').update(first).digest('hex')
    let key = first
    for (let i = 0; i < 8; i++) key = hmac(key, 'truehop audit next key')
    const lines = ['one', 'other'].map((about) => {
      const name = `${id.slice(0, 8)}.8`
      const text = `{"seq":0,"time":"2026-01-01T00:00:00.000Z","event":"${about}","prev":"${'0'.repeat(64)}","key":"${name}"`
      const mac = hmac(hmac(key, 'truehop audit record'), text).toString('hex')
      return recordAfter('0'.repeat(64), 0, about, `,"key":"${name}","mac":"${mac}"`)
    })
    const ledger = new Ledger({ keys: [first.toString('hex')] }, new KeySearch(10))
    for (const [i, text] of lines.entries()) ledger.line({ text, ended: true }, i + 1)
    expect(allCodes(ledger.report())).toEqual(['skipped-keys', 'forged'])
  })
})

describe('a set of hashes', () => {
  const hashes = fc.array(
    fc.oneof(
      fc.stringMatching(/^[\da-f]{64}$/),
      // Nearly alike, and those that a free place could be taken for.
      fc.nat(40).map((n) => n.toString(16).padStart(32, '0').padEnd(64, '7')),
    ),
    { maxLength: 5000, size: 'max' },
  )

  test('has what was added and nothing else, however large it becomes', () => {
    fc.assert(
      fc.property(hashes, hashes, (some, others) => {
        const [set, known] = [new HashSet(), new Set<string>()]
        for (const hash of some) {
          expect(set.add(hash)).toBe(!known.has(hash))
          known.add(hash)
        }
        for (const hash of [...some, ...others]) expect(set.has(hash)).toBe(known.has(hash))
      }),
      { numRuns: 20 },
    )
  })
})
