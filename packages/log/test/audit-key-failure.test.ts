import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { auditTrail, createAuditKey, verifyAudit } from '../src/index.js'

/** Flushes of the key file until one fails; undefined for never. */
const disk = vi.hoisted(() => ({ good: undefined as number | undefined }))

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const fdatasync = (fd: number, done: (error: Error | null) => void) => {
    if (disk.good === undefined) return fs.fdatasync(fd, done)
    if (disk.good-- > 0) return fs.fdatasync(fd, done)
    disk.good = undefined
    done(new Error('input/output error'))
  }
  return { ...fs, fdatasync }
})

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-audit-key-failure-'))
})

afterEach(() => {
  disk.good = undefined
  rmSync(folder, { recursive: true })
})

test.each([
  ['first', 0],
  ['second', 1],
])(
  'a key file whose %s half cannot be flushed is used again, and every record is sealed',
  async (_name, good) => {
    const [file, keyFile] = [join(folder, 'audit.jsonl'), join(folder, 'audit.key')]
    const first = createAuditKey(keyFile)
    const errors: string[] = []
    const onError = ({ message }: Error): void => void errors.push(message)
    const trail = auditTrail({ file, keyFile, address: 'full', onError })
    await trail.flush()
    trail.record('thing', { i: 1 })
    disk.good = good
    await trail.flush()
    trail.record('thing', { i: 2 })
    disk.good = good
    await trail.flush()
    await trail.close()
    expect(errors).toEqual(['input/output error', 'input/output error'])
    expect(await verifyAudit(file, { keys: [first] })).toMatchObject({ ok: true, records: 4 })
  },
)
