import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readList } from '../../src/ranges/list-file.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-list-file-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const LONG = '192.0.2.0/24\n'.repeat(700_000)

/** Does something at every turn until the list is read or refused. */
async function meanwhile(path: string, act: () => void): Promise<unknown> {
  let isOver = false
  const reading = readList(path)
    .catch((error: unknown) => error)
    .finally(() => {
      isOver = true
    })
  while (!isOver) {
    act()
    await nextTurn()
  }
  return reading
}

describe('a list in a file', () => {
  test('that is written in place while it is read is refused: half of it may look whole', async () => {
    const path = join(folder, 'in-place')
    writeFileSync(path, LONG)
    expect(await meanwhile(path, () => appendFileSync(path, '198.51.100.0/24\n'))).toMatchObject({
      message: expect.stringMatching(/^changed while it was read/),
    })
  })

  test('that another one is renamed to while it is read is the one or the other, whole', async () => {
    const path = join(folder, 'renamed')
    writeFileSync(path, LONG)
    const read = await meanwhile(path, () => {
      writeFileSync(`${path}-next`, '198.51.100.0/24\n')
      renameSync(`${path}-next`, path)
    })
    const { bytes } = read as Awaited<ReturnType<typeof readList>>
    const length = bytes.reduce((sum, piece) => sum + piece.length, 0)
    expect([LONG.length, '198.51.100.0/24\n'.length]).toContain(length)
  })
})
