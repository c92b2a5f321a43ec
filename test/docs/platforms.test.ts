import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { platforms } from '@truehop/identity'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the pages on platforms', () => {
  test('say what the data says', () => {
    execFileSync(process.execPath, ['scripts/write-platform-pages.mjs', '--check'], { cwd: root })
  })

  test('are one for each platform', () => {
    const pages = readdirSync(`${root}/docs/platforms`).filter((name) => name !== 'README.md')
    expect(pages.sort()).toEqual(platforms.map(({ id }) => `${id}.md`).sort())
  })

  test('are found from the README in two clicks', () => {
    expect(readFileSync(`${root}/README.md`, 'utf8')).toContain('](docs/platforms/README.md)')
    const index = readFileSync(`${root}/docs/platforms/README.md`, 'utf8')
    for (const { id } of platforms) expect(index).toContain(`](${id}.md)`)
  })
})
