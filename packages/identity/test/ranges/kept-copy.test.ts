import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readKept, writeKept } from '../../src/ranges/kept-copy.js'

const folder = mkdtempSync(join(tmpdir(), 'truehop-kept-'))
afterAll(() => rmSync(folder, { recursive: true }))

const COPY = { text: '10.0.0.0/8\n', etag: '"v1"', updatedAt: 1_790_000_000_000 }

describe('a kept copy', () => {
  test('is read as it was written, into folders that are made for it', async () => {
    const path = join(folder, 'a', 'b', 'edge.json')
    await writeKept(path, COPY)
    await writeKept(path, { ...COPY, text: 'newer' })
    expect(readKept(path)).toEqual({ ...COPY, text: 'newer' })
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['edge.json'])
  })

  test('is for the service alone to read', async () => {
    const path = join(folder, 'private.json')
    await writeKept(path, COPY)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('may lack an ETag', async () => {
    const path = join(folder, 'plain.json')
    await writeKept(path, { ...COPY, etag: undefined })
    expect(readKept(path)).toEqual({ ...COPY, etag: undefined })
    writeFileSync(path, JSON.stringify({ ...COPY, etag: 7 }))
    expect(readKept(path)).toEqual({ ...COPY, etag: undefined })
  })

  test.each([
    ['null'],
    ['[]'],
    ['"text"'],
    ['{"text":"10.0.0.0/8"}'],
    ['{"text":"10.0.0.0/8","updatedAt":"2026-01-31"}'],
    ['{"updatedAt":1790000000000}'],
    ['{"text":7,"updatedAt":1790000000000}'],
    ['{"text":"10.0.'],
  ])('is none where the file holds %s', (text) => {
    const path = join(folder, 'other.json')
    writeFileSync(path, text)
    expect(readKept(path)).toBeUndefined()
  })
})
