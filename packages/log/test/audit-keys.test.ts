import { fork } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeyCheck, KeySearch } from '../src/audit/keys/key-check.js'
import {
  type AuditOptions,
  type AuditTrail,
  acknowledgeSkippedKeys,
  auditTrail,
  createAuditKey,
  createCheckpointKey,
  type VerifyAuditOptions,
  verifyAudit,
  verifyLedger,
} from '../src/index.js'

let folder: string
let file: string
let keyFile: string
let open: AuditTrail[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-audit-keys-'))
  file = join(folder, 'audit.jsonl')
  keyFile = join(folder, 'audit.key')
  open = []
})

afterEach(async () => {
  for (const trail of open) await trail.close()
  rmSync(folder, { recursive: true })
})

function start(options: Partial<AuditOptions> = {}): AuditTrail {
  const trail = auditTrail({ file, keyFile, address: 'full', ...options })
  open.push(trail)
  return trail
}

/** A running trail of so many records, the first of which says that it started. */
async function running(count: number, options?: Partial<AuditOptions>): Promise<AuditTrail> {
  const trail = start(options)
  for (let i = 1; i < count; i++) {
    trail.record('thing', { i })
    if (i % 3 === 0) await trail.flush()
  }
  await trail.flush()
  return trail
}

const linesOf = (path = file) => readFileSync(path, 'utf8').split('\n').slice(0, -1)
const hmac = (key: Uint8Array, data: string) => createHmac('sha256', key).update(data).digest()
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** K0, K1, … by the documented rule, written again. */
function keysFrom(first: Buffer, count: number): Buffer[] {
  const keys = [first]
  for (let i = 1; i < count; i++) {
    keys.push(hmac(keys[i - 1] ?? first, 'truehop audit next key'))
  }
  return keys
}

async function codesOf(lines: readonly string[], keys: readonly string[]): Promise<string[]> {
  async function* bytes() {
    for (const line of lines) yield `${line}\n`
  }
  return (await verifyAudit(bytes(), { keys })).findings.map(({ code }) => code)
}

describe('a trail with a key file', () => {
  test('has every record sealed with HMAC-SHA-256 under its own key, by the documented rule', async () => {
    const first = createAuditKey(keyFile)
    await (await running(7)).close()
    const keys = keysFrom(Buffer.from(first, 'hex'), 8)
    const id = createHash('sha256')
      .update('truehop audit key id')
      .update(Buffer.from(first, 'hex'))
      .digest('hex')
      .slice(0, 8)
    for (const [i, line] of linesOf().entries()) {
      const record = JSON.parse(line)
      const sealed = line.slice(0, line.indexOf(',"mac"'))
      const key = hmac(keys[i] ?? Buffer.alloc(0), 'truehop audit record')
      expect(record.key).toBe(`${id}.${i}`)
      expect(record.mac).toBe(hmac(key, sealed).toString('hex'))
      expect(record.hash).toBe(sha256(line.slice(0, line.lastIndexOf(',"hash"'))))
    }
    expect(await verifyAudit(file, { keys: [first] })).toMatchObject({ ok: true, records: 8 })
    expect(await verifyAudit(file)).toMatchObject({ ok: true, records: 8 })
  })

  test('has only the key of the next record in its file, which its owner alone can read', async () => {
    const first = createAuditKey(keyFile)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    expect(readFileSync(keyFile).includes(Buffer.from(first, 'hex'))).toBe(true)
    await running(5)
    const bytes = readFileSync(keyFile)
    const keys = keysFrom(Buffer.from(first, 'hex'), 6)
    expect(keys.map((key) => bytes.includes(key))).toEqual([...Array(5).fill(false), true])
  })

  test('goes on with its keys after a restart, also where a crash spoilt half of the key file', async () => {
    const first = createAuditKey(keyFile)
    for (const spoilt of [0, 68]) {
      await (await running(4)).close()
      const bytes = readFileSync(keyFile)
      bytes.fill(0xff, spoilt, spoilt + 68)
      writeFileSync(keyFile, bytes)
    }
    await (await running(4)).close()
    expect(await verifyAudit(file, { keys: [first] })).toMatchObject({ ok: true, records: 15 })
  })

  test('goes on with its keys in the next file after its own rotation', async () => {
    const first = createAuditKey(keyFile)
    const trail = start({ maxBytes: 65_536, maxPerSecond: 100_000 })
    for (let i = 0; i < 300; i++) {
      trail.record('thing', { i, text: 'x'.repeat(200) })
      if (i % 50 === 0) await trail.flush()
    }
    await trail.close()
    const aside = readdirSync(folder)
      .filter((name) => name.startsWith('audit.jsonl.'))
      .sort()
      .map((name) => join(folder, name))
    expect(aside.length).toBeGreaterThan(0)
    const report = await verifyAudit([...aside, file], { keys: [first] })
    expect(report).toMatchObject({ ok: true, complete: true })
    expect(report.records).toBeGreaterThan(302)
  })

  test('leaves no key that was used in memory that buffers share', async () => {
    // Small buffers are parts of one block, which is not overwritten when they are forgotten.
    const block = () => new Uint8Array(Buffer.from(Buffer.of(0)).buffer).slice()
    const first = createAuditKey(keyFile)
    const seen = [block()]
    const trail = await running(5)
    seen.push(block())
    await trail.close()
    seen.push(block())
    const keys = keysFrom(Buffer.from(first, 'hex'), 6)
    const found = seen.map((bytes) => keys.filter((key) => Buffer.from(bytes).includes(key)).length)
    expect(found).toEqual([0, 0, 0])
  })

  test('says that records are missing that a crash lost after their keys were used', async () => {
    const first = createAuditKey(keyFile)
    await running(3)
    const early = join(folder, 'early.jsonl')
    copyFileSync(file, early)
    open[0]?.record('lost', {})
    await open[0]?.flush()
    // The disk has the key file of after the write, and the trail of before it.
    copyFileSync(early, file)
    await (await running(3)).close()
    const { findings } = await verifyAudit(file, { keys: [first] })
    expect(findings.map(({ code }) => code)).toEqual(['skipped-keys'])
  })
})

const program = fileURLToPath(new URL('audit-program.mjs', import.meta.url))

test('a crash at any moment leaves keys and a tree that the next process continues', async () => {
  const keys = [createAuditKey(keyFile)]
  const signingKey = join(folder, 'signing.key')
  const key = createCheckpointKey(signingKey, 'example.com/audit')
  const notes: string[] = []
  for (let round = 0; round < 3; round++) {
    const child = fork(program, ['forEver', file, keyFile, signingKey])
    await once(child, 'message')
    child.kill('SIGKILL')
    await once(child, 'exit')
    notes.push(readFileSync(`${file}.checkpoint`, 'utf8'))
  }
  const checkpoints = { keyFile: signingKey, file: `${file}.checkpoint` }
  await start({ checkpoints }).close()
  notes.push(readFileSync(`${file}.checkpoint`, 'utf8'))
  const report = await verifyAudit(file, { keys, checkpoints: { notes, key } })
  // Only that records may be missing whose keys were used: a crash between the two writes.
  expect(report.findings.filter(({ code }) => code !== 'skipped-keys')).toEqual([])
  expect(report).toMatchObject({ complete: true })
  expect(report.records).toBeGreaterThan(3 * 2000)
})

describe('keys that a crash skipped', () => {
  /** A sealed trail that was ended by kill -9 between its two writes, and continued. */
  async function crashed() {
    const first = createAuditKey(keyFile)
    for (let round = 0; round < 40; round++) {
      const child = fork(program, ['forEver', file, keyFile])
      await once(child, 'message')
      child.kill('SIGKILL')
      await once(child, 'exit')
      await start().close()
      open = []
      const [finding] = (await verifyAudit(file, { keys: [first] })).findings
      if (finding?.skipped !== undefined) return { first, finding, skipped: finding.skipped }
    }
    throw new Error('no crash came between the two writes')
  }

  test('by kill -9 are named by the trail, and are no finding any more once acknowledged', async () => {
    const { first, finding, skipped } = await crashed()
    expect(finding.code).toBe('skipped-keys')
    const resumed = linesOf().map((line) => JSON.parse(line))[skipped.record.seq]
    expect(resumed).toMatchObject({ event: 'audit.resumed', skippedKeys: skipped.keys })
    const line = acknowledgeSkippedKeys(first, { ...skipped, reason: 'power cut' })
    const report = await verifyAudit(file, { keys: [first], acknowledged: [line] })
    expect(report).toMatchObject({ ok: true, findings: [] })
    expect(report.acknowledged).toEqual([
      { ...finding, message: expect.stringMatching(/; acknowledged 20[^ ]+Z: power cut$/) },
    ])
    const ledger = await verifyLedger([file], { keys: [first], acknowledged: [line] })
    expect(ledger).toMatchObject({ ok: true, trails: [{ acknowledged: [{ skipped }] }] })
  }, 240_000)

  /** A trail whose records from 3 on somebody removed, and which a restart has continued. */
  async function cut(at = 3, count = 6) {
    const first = createAuditKey(keyFile)
    await running(count)
    await open.pop()?.close()
    const kept = linesOf()
    writeFileSync(file, `${kept.slice(0, at).join('\n')}\n`)
    await start().close()
    open = []
    return { first, kept }
  }
  const skippedIn = async (first: string) =>
    (await verifyAudit(file, { keys: [first] })).findings[0]?.skipped

  test('do not hide more records: an acknowledgement is of one gap and the record after it', async () => {
    const { first } = await cut()
    const skipped = await skippedIn(first)
    if (skipped === undefined) throw new Error('no gap')
    const acknowledged = [acknowledgeSkippedKeys(first, { ...skipped, reason: 'power cut' })]
    const codes = async () => {
      const { findings } = await verifyAudit(file, { keys: [first], acknowledged })
      return findings.map(({ code }) => code)
    }
    expect(await codes()).toEqual([])
    // One record more is removed, and the service started again.
    writeFileSync(file, `${linesOf().slice(0, 2).join('\n')}\n`)
    await start().close()
    open = []
    const found = await codes()
    expect(found).toContain('skipped-keys')
    // The record that was acknowledged was there when somebody looked.
    expect(found.some((code) => code === 'rewritten' || code === 'cut-off')).toBe(true)
  })

  test('are not excused where a head kept elsewhere is of the records that are missing', async () => {
    const { first, kept } = await cut()
    const skipped = await skippedIn(first)
    if (skipped === undefined) throw new Error('no gap')
    const acknowledged = [acknowledgeSkippedKeys(first, { ...skipped, reason: 'power cut' })]
    const { seq, hash } = JSON.parse(kept[4] ?? '')
    const report = await verifyAudit(file, {
      keys: [first],
      acknowledged,
      anchors: [{ seq, hash }],
    })
    expect(report.ok).toBe(false)
    expect(report.findings.map(({ code }) => code)).toEqual(['rewritten'])
  })

  test('are acknowledged with the first key alone: not with that of the service, nor another line', async () => {
    const { first } = await cut()
    const skipped = await skippedIn(first)
    if (skipped === undefined) throw new Error('no gap')
    const about = { ...skipped, reason: 'power cut' }
    const line = acknowledgeSkippedKeys(first, about)
    const verified = async (text: string) => {
      const { findings } = await verifyAudit(file, { keys: [first], acknowledged: [text] })
      return findings.map(({ code }) => code)
    }
    // The documented rule, written again, with each key that the machine has.
    const current = readFileSync(keyFile).subarray(20, 52)
    const sealed = line.slice(0, line.indexOf(',"mac"'))
    const label = 'truehop audit acknowledgement'
    const macWith = (key: Buffer) => hmac(hmac(key, label), sealed).toString('hex')
    expect(line).toBe(`${sealed},"mac":"${macWith(Buffer.from(first, 'hex'))}"}\n`)
    const forged = [
      `${sealed},"mac":"${macWith(Buffer.from(current))}"}\n`,
      line.replace('power cut', 'power off'),
      line.replace(/-(\d+)"/, (_, to) => `-${Number(to) + 1}"`),
      'nothing\n',
    ]
    for (const text of forged) {
      expect(await verified(text)).toEqual(['skipped-keys', 'bad-acknowledgement'])
    }
    expect(await verified(`\n${line}\n${line}`)).toEqual([])
    await expect(verifyAudit(file, { acknowledged: [line] })).rejects.toThrow('needs keys')
    const wrong = [
      { ...about, keys: '00000000.3-6' },
      { ...about, keys: '3-6' },
      { ...about, reason: ' ' },
      { ...about, record: { seq: -1, hash: skipped.record.hash } },
    ]
    for (const each of wrong) expect(() => acknowledgeSkippedKeys(first, each)).toThrow('must be')
  })

  test('between two files are those of a crash too, not a forgery', async () => {
    const first = createAuditKey(keyFile)
    await (await running(4)).close()
    open = []
    const late = readFileSync(keyFile)
    renameSync(file, `${file}.20251120T185803Z-4`)
    // The keys of two more records were used, and the first file of their records is not there.
    const lost = join(folder, 'lost.jsonl')
    await (await running(1, { file: lost })).close()
    open = []
    expect(readFileSync(keyFile)).not.toEqual(late)
    await start().close()
    open = []
    const files = [`${file}.20251120T185803Z-4`, file]
    const { findings } = await verifyAudit(files, { keys: [first] })
    expect(findings.map(({ code }) => code)).toEqual(['skipped-keys'])
    expect(JSON.parse(linesOf()[0] ?? '')).toMatchObject({
      event: 'audit.continued',
      skippedKeys: findings[0]?.skipped?.keys,
    })
  })
})

describe('whoever takes the machine, and has the current key,', () => {
  type Attack = (lines: string[], at: number, other: number) => string[]
  const attacks: Record<string, Attack> = {
    alter: (lines, at) =>
      lines.with(at, (lines[at] ?? '').replace(/"event":"[^"]*"/, '"event":"fine"')),
    drop: (lines, at) => lines.toSpliced(at, 1),
    swap: (lines, at, other) => lines.with(at, lines[other] ?? '').with(other, lines[at] ?? ''),
    insert: (lines, at) => lines.toSpliced(at, 0, lines[at] ?? ''),
    'drop the end': (lines, at) => lines.slice(0, at),
    'write anew': (lines) => lines.slice(-1),
  }
  type Sealing = 'as it was' | 'with keys to come' | 'with keys to come under the old names'

  /** Numbers, chains and hashes all lines again, and seals them as well as the current key allows. */
  function rewritten(lines: readonly string[], current: Uint8Array, index: number, how: Sealing) {
    let prev = '0'.repeat(64)
    let key = current
    return lines.map((line, seq) => {
      const { key: name, mac } = JSON.parse(line)
      const [id] = String(name).split('.')
      const body = line.replace(/^\{"seq":\d+/, `{"seq":${seq}`).replace(/,"prev":.*$/, '')
      const own = how === 'with keys to come' ? `${id}.${index + seq}` : `${id}.${seq}`
      const sealed = `${body},"prev":"${prev}","key":"${own}"`
      const forged = hmac(hmac(key, 'truehop audit record'), sealed).toString('hex')
      key = hmac(key, 'truehop audit next key')
      const hashed = `${sealed},"mac":"${how === 'as it was' ? mac : forged}"`
      prev = sha256(hashed)
      return `${hashed},"hash":"${prev}"}`
    })
  }

  test('cannot alter, drop, swap, insert or rewrite a record of before unnoticed', async () => {
    const first = createAuditKey(keyFile)
    const count = 12
    await running(count)
    const genuine = linesOf()
    expect(genuine).toHaveLength(count)
    const current = readFileSync(keyFile).subarray(20, 52)
    expect(
      Buffer.from(current).equals(
        keysFrom(Buffer.from(first, 'hex'), count + 1)[count] ?? Buffer.alloc(0),
      ),
    ).toBe(true)
    const place = fc.integer({ min: 0, max: count - 1 })
    const seals = fc.constantFrom<Sealing>(
      'as it was',
      'with keys to come',
      'with keys to come under the old names',
    )
    const names = fc.constantFrom(...Object.keys(attacks))
    await fc.assert(
      fc.asyncProperty(
        names,
        place,
        place,
        seals,
        fc.boolean(),
        async (name, at, other, how, goesOn) => {
          fc.pre(name !== 'swap' || at !== other)
          const attacked = attacks[name]?.([...genuine], at, other) ?? []
          // Only records kept elsewhere show that an end is missing to which nothing was added.
          const isEnd = attacked.every((line, i) => line === genuine[i])
          fc.pre(!isEnd || goesOn)
          const resumed = (genuine[0] ?? '').replace('audit.started', 'audit.resumed')
          // Unsealed work on an end as it was: it has no need to touch what comes before.
          const kept = isEnd ? attacked : rewritten(attacked, current, count, how)
          const last = isEnd && kept.length > 0 ? JSON.parse(kept.at(-1) ?? '') : undefined
          const extra = goesOn ? [appended(resumed, kept.length, last?.hash, current, count)] : []
          expect(await codesOf([...kept, ...extra], [first])).not.toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })

  /** A record sealed with the current key under its own name, and chained to what is there. */
  function appended(
    like: string,
    seq: number,
    hash: string | undefined,
    key: Uint8Array,
    index: number,
  ) {
    const [id] = String(JSON.parse(like).key).split('.')
    const body = like.replace(/^\{"seq":\d+/, `{"seq":${seq}`).replace(/,"prev":.*$/, '')
    const sealed = `${body},"prev":"${hash ?? '0'.repeat(64)}","key":"${id}.${index}"`
    const hashed = `${sealed},"mac":"${hmac(hmac(key, 'truehop audit record'), sealed).toString('hex')}"`
    return `${hashed},"hash":"${sha256(hashed)}"}`
  }

  test('cannot write a file of the middle anew, to be checked without those before it', async () => {
    const first = createAuditKey(keyFile)
    await running(6)
    const current = readFileSync(keyFile).subarray(20, 52)
    const lines = linesOf()
    const { hash } = JSON.parse(lines[2] ?? '')
    const forged = appended(lines[3] ?? '', 3, hash, current, 6)
    const after = { seq: 2, hash }
    const findings = async (text: readonly string[], options: VerifyAuditOptions) => {
      writeFileSync(file, text.map((line) => `${line}\n`).join(''))
      const report = await verifyAudit(file, { keys: [first], ...options })
      return report.findings.map(({ code }) => code)
    }
    expect(await findings(lines.slice(3), { after })).toEqual([])
    expect(await findings([forged], { after })).toEqual(['skipped-keys'])
    expect(await findings([forged], {})).toEqual(['skipped-keys'])
  })

  test('uses a key to come, which is refused by its name, wherever it is', async () => {
    const first = createAuditKey(keyFile)
    await running(6)
    const current = readFileSync(keyFile).subarray(20, 52)
    const lines = linesOf()
    const { prev } = JSON.parse(lines[2] ?? '')
    const forged = appended(lines[2] ?? '', 2, prev, current, 6)
    expect(await codesOf(lines.with(2, forged), [first])).toContain('future-key')
  })

  test('cannot make the search for keys longer with every line', () => {
    const first = Buffer.alloc(32, 7)
    const id = createHash('sha256').update('truehop audit key id').update(first).digest('hex')
    const check = new KeyCheck(new Map([[id.slice(0, 8), first]]), new KeySearch(10))
    const codeOf = (seq: number, index: number) => {
      const key = hmac(keysFrom(first, index + 1)[index] ?? first, 'truehop audit record')
      const seal = { id: id.slice(0, 8), index, mac: hmac(key, 'sealed').toString('hex') }
      const link = { seq, prev: 'ab'.repeat(32), hash: '', intact: true }
      return check.record({ ...link, seal: { ...seal, sealed: 'sealed' } }, 'audit.resumed')?.code
    }
    expect(codeOf(0, 0)).toBeUndefined()
    expect(codeOf(1, 7)).toBe('skipped-keys')
    expect(codeOf(2, 8)).toBeUndefined()
    expect(codeOf(3, 13)).toBe('skipped-keys')
    // Ten keys of no record have been derived: for one more, the search does not go on.
    // Its seal was not looked at, so nobody can acknowledge it.
    expect(codeOf(4, 15)).toBe('forged')
    expect(codeOf(5, 14)).toBeUndefined()
  })

  test('cannot leave seals out, nor bring a key of its own', async () => {
    const first = createAuditKey(keyFile)
    await running(3)
    const bare = linesOf().map((line) => line.replace(/,"key":"[^"]*","mac":"[^"]*"/, ''))
    expect(await codesOf(bare, [first])).toContain('forged')
    const other = createAuditKey(join(folder, 'other.key'))
    await (
      await running(3, { file: join(folder, 'other.jsonl'), keyFile: join(folder, 'other.key') })
    ).close()
    const lines = linesOf(join(folder, 'other.jsonl'))
    expect(await codesOf(lines, [first])).toContain('unknown-key')
    expect(await codesOf(lines, [first, other])).toEqual([])
  })
})

describe('a key file that cannot be used is refused at start-up', () => {
  test('one that is not one, and one that others can read', () => {
    writeFileSync(keyFile, 'secret', { mode: 0o600 })
    expect(() => start()).toThrow(expect.objectContaining({ code: 'bad-option', path: 'keyFile' }))
    rmSync(keyFile)
    createAuditKey(keyFile)
    chmodSync(keyFile, 0o644)
    expect(() => start()).toThrow('chmod 600')
  })

  test('one that is not there, and one that is there is not overwritten', () => {
    expect(() => start()).toThrow('ENOENT')
    createAuditKey(keyFile)
    expect(() => createAuditKey(keyFile)).toThrow('EEXIST')
  })

  test('one that was put back as it was before records of the trail, and before those of the file aside', async () => {
    const first = createAuditKey(keyFile)
    const early = join(folder, 'early.key')
    copyFileSync(keyFile, early)
    const trail = await running(3)
    await trail.close()
    const written = readFileSync(file)
    const late = readFileSync(keyFile)
    copyFileSync(early, keyFile)
    expect(() => start()).toThrow('begin a new trail with a new key file')
    expect(readFileSync(file)).toEqual(written)
    renameSync(file, `${file}.20251120T185803Z-3`)
    expect(() => start()).toThrow('begin a new trail with a new key file')
    rmSync(file)
    renameSync(`${file}.20251120T185803Z-3`, file)
    writeFileSync(keyFile, late)
    await (await running(2)).close()
    expect(await verifyAudit(file, { keys: [first] })).toMatchObject({ ok: true, records: 7 })
  })

  test('and one that another process moves on is reported, and nothing is sealed with its keys', async () => {
    const first = createAuditKey(keyFile)
    const errors: string[] = []
    const trail = await running(2, { onError: ({ message }) => void errors.push(message) })
    await (await running(2, { file: join(folder, 'other.jsonl') })).close()
    trail.record('thing', {})
    await trail.flush()
    expect(errors).toEqual([expect.stringContaining('another process uses the key file')])
    expect(await verifyAudit(file, { keys: [first] })).toMatchObject({ ok: true, records: 2 })
  })
})

test('a first key that is not one is refused', async () => {
  createAuditKey(keyFile)
  await (await running(1)).close()
  await expect(verifyAudit(file, { keys: ['abc'] })).rejects.toThrow('keys[0]')
})
