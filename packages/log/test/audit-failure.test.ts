import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  type AuditOptions,
  type AuditSink,
  auditTrail,
  createCheckpointKey,
  verifyAudit,
} from '../src/index.js'

/** How many bytes of the next write reach the disk before it fails; undefined for a good write. */
const disk = vi.hoisted(() => ({
  full: undefined as number | undefined,
  readOnly: false,
  appendOnly: false,
  /** What never answers. */
  hangs: undefined as 'append' | 'flush' | undefined,
  /** That has been asked. */
  isAsked: false,
}))

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const appendFile = (fd: number, text: string, done: (error: Error | null) => void) => {
    if (disk.hangs === 'append') {
      disk.isAsked = true
      return
    }
    if (disk.full === undefined) return fs.appendFile(fd, text, done)
    fs.appendFileSync(fd, text.slice(0, disk.full))
    done(new Error('no space left on device'))
  }
  const renameSync = (from: string, to: string) => {
    if (disk.readOnly) throw new Error('read-only directory')
    fs.renameSync(from, to)
  }
  const ftruncateSync = (fd: number, length: number) => {
    if (disk.appendOnly) throw new Error('append only')
    fs.ftruncateSync(fd, length)
  }
  const fdatasync = (fd: number, done: (error: Error | null) => void) => {
    if (disk.hangs !== 'flush') return fs.fdatasync(fd, done)
    disk.isAsked = true
  }
  return { ...fs, appendFile, fdatasync, ftruncateSync, renameSync }
})

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-audit-'))
  file = join(folder, 'audit.jsonl')
})

afterEach(() => {
  disk.full = undefined
  disk.readOnly = false
  disk.appendOnly = false
  disk.hangs = undefined
  disk.isAsked = false
  vi.useRealTimers()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

test.each([
  ['nothing', 0, 0, false],
  ['half a record', 150, 0, false],
  ['half a record that cannot be taken back', 150, 1, true],
  ['two records and a half', 550, 0, false],
  ['two records and a half, the half of which cannot be taken back', 550, 1, true],
  ['everything', 1_000_000, 0, false],
])(
  'a write that fails after %s loses no event, repeats none, and keeps the chain',
  async (_name, full, torn, appendOnly) => {
    disk.appendOnly = appendOnly
    const errors: string[] = []
    const trail = auditTrail({
      file,
      address: 'full',
      onError: ({ message }) => errors.push(message),
    })
    await trail.flush()
    disk.full = full
    for (let i = 0; i < 5; i++) trail.record('thing', { i })
    await trail.flush()
    expect(errors).toEqual(['no space left on device', ...(appendOnly ? ['append only'] : [])])
    disk.full = undefined
    for (let i = 5; i < 10; i++) trail.record('thing', { i })
    await trail.flush()
    await trail.close()

    expect(await verifyAudit(file)).toMatchObject({ ok: true, torn, complete: true })
    const records = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /"hash":"[\da-f]{64}"\}$/.test(line))
      .map((line) => JSON.parse(line))
    const things = records.filter(({ event }) => event === 'thing').map(({ facts }) => facts.i)
    expect(things).toEqual([...Array(10).keys()])
  },
)

test('several writes that fail in the middle leave behind nothing but records', async () => {
  const trail = auditTrail({ file, address: 'full', onError: () => {} })
  await trail.flush()
  for (const full of [150, 40, 600, 1, 0, 301]) {
    disk.full = full
    trail.record('thing', { full })
    await trail.flush()
  }
  disk.full = undefined
  await trail.close()
  expect(await verifyAudit(file)).toMatchObject({ ok: true, torn: 0, records: 8, complete: true })
})

test('writes that fail after a crash account for what the crash left, once', async () => {
  const first = auditTrail({ file, address: 'full' })
  await first.close()
  appendFileSync(file, '{"seq":2,"time":')
  const trail = auditTrail({ file, address: 'full', onError: () => {} })
  for (const full of [0, 1, 100, 0]) {
    disk.full = full
    trail.record('thing', { full })
    await trail.flush()
  }
  disk.full = undefined
  await trail.close()
  expect(await verifyAudit(file)).toMatchObject({ ok: true, torn: 1, records: 8, complete: true })
})

test('a full disk is asked once for many records, and nothing but them is written later', async () => {
  const errors: string[] = []
  const trail = auditTrail({
    file,
    address: 'full',
    onError: ({ message }) => errors.push(message),
  })
  await trail.flush()
  disk.full = 0
  for (let i = 0; i < 50; i++) {
    trail.record('thing', { i })
    await new Promise((turn) => setImmediate(turn))
    await new Promise((turn) => setImmediate(turn))
  }
  expect(errors).toEqual(['no space left on device'])
  disk.full = undefined
  await trail.close()
  const events = readFileSync(file, 'utf8').match(/"event":"audit[^"]+"/g)
  expect(events).toEqual(['"event":"audit.started"', '"event":"audit.closed"'])
  expect(await verifyAudit(file)).toMatchObject({ ok: true, records: 52 })
})

test('a trail that cannot be written at its end says so and closes', async () => {
  const errors: string[] = []
  const trail = auditTrail({
    file,
    address: 'full',
    onError: ({ message }) => errors.push(message),
  })
  await trail.flush()
  disk.full = 0
  await trail.close()
  expect(errors).toEqual(['no space left on device', 'closed with 1 records not written'])
})

const silentSink: AuditSink = {
  name: 'silent',
  open: () => {},
  take: () => {},
  close: () => {
    disk.isAsked = true
    return new Promise(() => {})
  },
}

test.each<[string, 'append' | 'flush' | undefined, Partial<AuditOptions>, RegExp]>([
  ['a disk that does not take the last record', 'append', {}, /last records .* 20000 ms$/],
  ['a disk that does not flush for a checkpoint', 'flush', {}, /checkpoint .* \d+ ms$/],
  ['a sink that does not end', undefined, { sinks: [silentSink] }, /sinks .* \d+ ms$/],
])('%s keeps a trail from closing for 20 seconds', async (_, hangs, options, message) => {
  const keyFile = join(folder, 'key')
  createCheckpointKey(keyFile, 'example.com/audit')
  const errors: string[] = []
  const checkpoints = { keyFile, file: join(folder, 'checkpoint') }
  const onError = (error: Error): void => void errors.push(error.message)
  const trail = auditTrail({ file, address: 'full', checkpoints, onError, ...options })
  await trail.flush()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  disk.hangs = hangs
  let isClosed = false
  const closed = trail.close().then(() => {
    isClosed = true
  })
  while (!disk.isAsked) await sleep(1)
  await vi.advanceTimersByTimeAsync(19_999)
  expect(isClosed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await closed
  expect(errors).toContainEqual(expect.stringMatching(message))
})

test('a file that cannot be put aside goes on, and that is tried and reported once a second', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(10_000)
  const errors: string[] = []
  const trail = auditTrail({
    file,
    address: 'full',
    maxBytes: 65_536,
    maxPerSecond: 100_000,
    onError: ({ message }) => errors.push(message),
  })
  disk.readOnly = true
  for (let i = 0; i < 400; i++) trail.record('thing', { i })
  await trail.flush()
  for (const now of [10_000, 10_500, 10_999, 11_000, 11_500]) {
    clock.mockReturnValue(now)
    trail.record('thing', { now })
    await trail.flush()
  }
  expect(errors).toEqual(['read-only directory', 'read-only directory'])
  disk.readOnly = false
  clock.mockReturnValue(12_000)
  await trail.close()
  const [aside = '', current = ''] = readdirSync(folder).toSorted().reverse()
  expect(current).toBe('audit.jsonl')
  const files = [join(folder, aside), join(folder, current)]
  expect(await verifyAudit(files)).toMatchObject({ ok: true, complete: true })
})
