import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atOnce } from '@truehop/ip/internal'
import { afterAll, describe, expect, it } from 'vitest'
import { rangesFrom } from '../../src/index.js'
import { RANGE_FORMATS, readRanges } from '../../src/ranges/formats.js'
import { FollowedFile } from '../../src/ranges/list-file.js'

/** How many turns a service gets while a text is read. */
function slicesOf(text: string): number {
  const work = readRanges(text, 'lines', {})
  let slices = 1
  while (work.next().done !== true) slices++
  return slices
}

describe('a list that somebody filled', () => {
  const MEBI = 1024 * 1024

  it.each([
    ['newlines', '\n'.repeat(MEBI)],
    ['carriage returns and newlines', '\r\n'.repeat(MEBI / 2)],
    ['comments', '#\n'.repeat(MEBI / 2)],
    ['blanks', `${' '.repeat(1023)}\n`.repeat(MEBI / 1024)],
    ['short entries', '::\n'.repeat(MEBI / 3)],
  ])('with %s is left sixteen times and more in a mebibyte', (_name, text) => {
    expect(slicesOf(text)).toBeGreaterThanOrEqual(16)
  })

  it('with too many entries is not read to its end', () => {
    const text = '1\n'.repeat(2_000_001)
    expect(() => atOnce(readRanges(text, 'lines', {}))).toThrow('has over 2000000 entries')
  })

  it.each(['lines', 'spamhaus-drop'] as const)('of %s has no line without end', (format) => {
    const text = `10.0.0.0/8\n${'x'.repeat(16_385)}`
    const drop = `{"type":"metadata"}\n"${'x'.repeat(16_385)}"`
    expect(() => atOnce(readRanges(format === 'lines' ? text : drop, format, {}))).toThrow(
      'has a line of over 16384 characters',
    )
  })

  it.each(RANGE_FORMATS.filter((format) => !['lines', 'akamai', 'spamhaus-drop'].includes(format)))(
    'as a document of %s is refused before it is parsed',
    (format) => {
      const text = `{"a":"${'x'.repeat(4 * MEBI)}"}`
      expect(() => atOnce(readRanges(text, format, { list: ['a'] }))).toThrow(
        'is a document of over 4194304 characters',
      )
    },
  )
})

describe('a followed file that is a named pipe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-pipe-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const pipe = join(folder, 'edge.txt')
  execFileSync('mkfifo', [pipe])

  it('is refused at start-up, and when it takes the place of a file', async () => {
    const ranges = rangesFrom({ file: pipe, format: 'lines' })
    await expect(ranges.ready).rejects.toThrow('is not a regular file')
    await expect(ranges.refresh()).rejects.toThrow('is not a regular file')
    await expect(new FollowedFile(pipe).read()).rejects.toThrow('is not a regular file')
    ranges.close()
  })

  it('lets what follows it read a file that comes in its place', async () => {
    const file = join(folder, 'later.txt')
    execFileSync('mkfifo', [file])
    const ranges = rangesFrom({ file, format: 'lines' })
    await expect(ranges.ready).rejects.toThrow('is not a regular file')
    rmSync(file)
    writeFileSync(file, '10.0.0.0/8\n')
    await ranges.refresh()
    expect(ranges.status()).toMatchObject({ size: 1, lastError: undefined })
    ranges.close()
  })
})
