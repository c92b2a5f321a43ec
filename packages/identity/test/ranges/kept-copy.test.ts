import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type KeptCopy, readKept, readKeptNow, writeKept } from '../../src/ranges/kept-copy.js'
import { PIECE, textOf } from '../../src/ranges/list-bytes.js'

const folder = mkdtempSync(join(tmpdir(), 'truehop-kept-'))
afterAll(() => rmSync(folder, { recursive: true }))

const bytes = (text: string) => [new TextEncoder().encode(text)]
const COPY: KeptCopy = {
  bytes: bytes('10.0.0.0/8\n'),
  etag: '"v1"',
  updatedAt: 1_790_000_000_000,
}
const ABOUT = { etag: '"v1"', updatedAt: 1_790_000_000_000 }

/** A copy with its text, read in both ways. */
async function kept(path: string) {
  const [now, later] = [readKeptNow(path), await readKept(path)]
  expect(now).toEqual(later)
  if (now === undefined) return undefined
  const { bytes: found, ...about } = now
  return { text: [...textOf(found)].join(''), ...about }
}

describe('a kept copy', () => {
  test('is read as it was written, into folders that are made for it', async () => {
    const path = join(folder, 'a', 'b', 'edge.json')
    await writeKept(path, COPY)
    await writeKept(path, { ...COPY, bytes: bytes('newer\n\n') })
    expect(await kept(path)).toEqual({ ...ABOUT, text: 'newer\n\n' })
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['edge.json'])
  })

  test('is for the service alone to read', async () => {
    const path = join(folder, 'private.json')
    await writeKept(path, COPY)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('may be of several pieces', async () => {
    const path = join(folder, 'large.json')
    const text = '192.0.2.0/24\n'.repeat(PIECE / 4)
    await writeKept(path, { ...COPY, bytes: bytes(text) })
    expect(await kept(path)).toEqual({ ...ABOUT, text })
  })

  test('may lack an ETag', async () => {
    const path = join(folder, 'plain.json')
    await writeKept(path, { ...COPY, etag: undefined })
    expect(await kept(path)).toEqual({ ...ABOUT, text: '10.0.0.0/8\n', etag: undefined })
    writeFileSync(path, '{"etag":7,"updatedAt":1790000000000}\n10.0.0.0/8\n')
    expect(await kept(path)).toEqual({ ...ABOUT, text: '10.0.0.0/8\n', etag: undefined })
  })

  test.each([
    [''],
    ['null\n'],
    ['[]\n'],
    ['10.0.0.0/8\n'],
    ['{}\n10.0.0.0/8\n'],
    ['{"updatedAt":"2026-01-31"}\n10.0.0.0/8\n'],
    ['{"updatedAt":1790000000000}'],
    ['{"updatedAt":17'],
  ])('is none if the file contains %j', async (text) => {
    const path = join(folder, 'other.json')
    writeFileSync(path, text)
    expect(await kept(path)).toBeUndefined()
  })

  test('is none if the file is a named pipe, and nothing is written into one', async () => {
    const path = join(folder, 'pipe.json')
    execFileSync('mkfifo', [path])
    expect(await kept(path)).toBeUndefined()
    execFileSync('mkfifo', [`${path}.${process.pid}.tmp`])
    await expect(writeKept(path, COPY)).rejects.toThrow('ENXIO')
  })
})
