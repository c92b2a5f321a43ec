import { fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { auditTrail, verifyAudit } from '../src/index.js'

/*
 * The trail on real files and disks, and beside other processes. What a mocked disk shows is in
 * audit-failure.test.ts.
 */

const program = fileURLToPath(new URL('audit-program.mjs', import.meta.url))
const built = fileURLToPath(new URL('../dist/index.js', import.meta.url))

let folder: string
let file: string
let errors: string[]

beforeEach(() => {
  if (!existsSync(built)) throw new Error('nothing is built: run npm run build first')
  folder = mkdtempSync(join(tmpdir(), 'truehop-disk-'))
  file = join(folder, 'audit.jsonl')
  errors = []
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const trailIn = () =>
  auditTrail({ file, address: 'full', onError: ({ message }) => errors.push(message) })

const eventsIn = (path: string): string[] =>
  readFileSync(path, 'latin1').match(/(?<="event":")[^"]+/g) ?? []

/** The trail looks at its file once a second. */
function aSecondLater(): void {
  const now = performance.now() + 1001
  vi.spyOn(performance, 'now').mockReturnValue(now)
}

describe('a file that somebody removed', () => {
  test('is begun again under its name, and that is said; the chain goes on', async () => {
    const trail = trailIn()
    trail.record('thing', { i: 0 })
    await trail.flush()
    const before = trail.head
    rmSync(file)
    aSecondLater()
    for (const i of [1, 2]) trail.record('thing', { i })
    await trail.close()
    expect(errors).toEqual([expect.stringContaining('the file was removed or renamed')])
    expect(eventsIn(file)).toEqual(['audit.continued', 'thing', 'thing', 'audit.closed'])
    expect(await verifyAudit(file, { after: before })).toMatchObject({ ok: true, records: 4 })
  })

  test('and put something else in its place loses nothing of either', async () => {
    const trail = trailIn()
    await trail.flush()
    const aside = `${file}.1`
    renameSync(file, aside)
    aSecondLater()
    trail.record('thing', { i: 0 })
    await trail.close()
    expect(await verifyAudit([aside, file])).toMatchObject({ ok: true, complete: true })
  })
})

describe('a crash', () => {
  test('between putting the file aside and beginning the next leaves a chain that joins', async () => {
    const trail = trailIn()
    trail.record('thing', { i: 0 })
    await trail.flush()
    const { seq } = trail.head
    const older = `${file}.20251119T185803Z-0`
    const aside = `${file}.20251120T185803Z-${seq}`
    await trail.close()
    renameSync(file, aside)
    const other = auditTrail({ file: older, address: 'full' })
    await other.close()

    const next = trailIn()
    next.record('thing', { i: 1 })
    await next.close()
    expect(eventsIn(file)).toEqual(['audit.continued', 'thing', 'audit.closed'])
    expect(readFileSync(file, 'utf8')).toContain(aside.slice(folder.length + 1))
    expect(await verifyAudit([aside, file])).toMatchObject({ ok: true, complete: true })
  })

  test.each([1, 4])('that takes the last line end alone loses no record of %i', async (count) => {
    const before = trailIn()
    for (let i = 1; i < count; i++) before.record('thing', { i })
    await before.flush()
    await before.close()
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, count)
    writeFileSync(file, lines.join('\n'))
    const next = trailIn()
    next.record('thing', { i: 1 })
    await next.close()
    expect(eventsIn(file).slice(count)).toEqual(['audit.resumed', 'thing', 'audit.closed'])
    expect(await verifyAudit(file)).toMatchObject({ ok: true, records: count + 3, torn: 0 })
  })

  test('that leaves half a record is still said', async () => {
    await trailIn().close()
    writeFileSync(file, readFileSync(file).subarray(0, -2))
    await trailIn().close()
    expect(await verifyAudit(file)).toMatchObject({ ok: true, torn: 1 })
  })

  test('at any moment, by kill -9, leaves a trail that the next process continues', async () => {
    for (let round = 0; round < 3; round++) {
      const child = fork(program, ['forEver', file])
      await once(child, 'message')
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const trail = trailIn()
    await trail.close()
    expect(errors).toEqual([])
    const report = await verifyAudit(file)
    expect(report).toMatchObject({ ok: true, complete: true, findingCount: 0 })
    expect(report.records).toBeGreaterThan(3 * 2000)
    const events = eventsIn(file)
    expect(events.filter((event) => event === 'audit.resumed').length).toBe(3)
  })
})

test('a file that another process writes to as well is said to be', async () => {
  const trail = trailIn()
  await trail.flush()
  const child = fork(program, ['beside', file])
  await once(child, 'message')
  aSecondLater()
  trail.record('thing', { i: 0 })
  await trail.close()
  expect(errors).toEqual([expect.stringContaining('give each process its own file')])
  expect((await verifyAudit(file)).ok).toBe(false)
})

/** A name space of our own may have a small disk of its own; not every machine lets one. */
const withDisk = (script: string): string[] => [
  '-rm',
  'sh',
  '-c',
  `mount -t tmpfs -o size=256k none "$0" && ${script}`,
]
const place = mkdtempSync(join(tmpdir(), 'truehop-mount-'))
const canMount = spawnSync('unshare', [...withDisk('true'), place]).status === 0

if (canMount) {
  test('a full disk is asked once a second, loses nothing that could wait, and the chain holds', async () => {
    const script = 'exec "$1" "$2" fill "$0/audit.jsonl"'
    const child = spawn('unshare', [...withDisk(script), place, process.execPath, program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const [found] = await once(child, 'message')
    child.disconnect()
    expect(found).toMatchObject({
      ok: true,
      complete: true,
      errors: ['ENOSPC'],
      things: [...Array(600).keys()],
    })
    // Three attempts while it was full, whatever many records came; each may leave half a line.
    expect(found.whileFull).toBe(3)
    expect(found.resumed).toBeLessThanOrEqual(3)
  })
}
