import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { manifestOf, packages, root } from '../architecture/source-file.js'

test('the change log names the one of every package that is published', () => {
  const page = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  const named = [...page.matchAll(/^\| `(.+)` \| \[CHANGELOG\]\((.+)\) \|$/gm)]
  const published = packages.filter((name) => manifestOf(name).private !== true)
  expect(named.map(([, name, path]) => [name, path])).toEqual(
    published.map((name) => [manifestOf(name).name, `packages/${name}/CHANGELOG.md`]),
  )
  expect(named.every(([, , path = '']) => existsSync(join(root, path)))).toBe(true)
})
