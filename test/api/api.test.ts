import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { manifestOf, packages, root } from '../architecture/source-file.js'
import { declarationsOf } from './declarations.js'

const scratch = mkdtempSync(join(tmpdir(), 'truehop-api-'))
const kept = join(root, 'etc/api')

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const published = packages.filter((name) => manifestOf(name).private !== true)

/** A change that is meant is taken over with `npm run api`. */
describe('the declarations of each entry point are those that etc/api keeps', () => {
  test.each(published)('@truehop/%s', async (name) => {
    for (const { file, text } of declarationsOf(name, scratch)) {
      await expect.soft(text).toMatchFileSnapshot(join(kept, file))
    }
  })

  test('and there is none of an entry point that is gone', () => {
    const entries = published.flatMap((name) =>
      Object.entries(manifestOf(name).exports)
        .filter(([, entry]) => typeof entry !== 'string')
        .map(([path]) => `${name}${path.slice(1).replace('/', '.')}.d.ts`),
    )
    expect(readdirSync(kept).filter((file) => !entries.includes(file))).toEqual([])
  })
})
