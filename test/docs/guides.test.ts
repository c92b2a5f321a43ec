import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = readdirSync(`${root}/docs/guides`).filter((name) => name !== 'README.md')

describe('the guides', () => {
  test('say what pair and explain print for the policy in them', () => {
    execFileSync(process.execPath, ['scripts/write-guides.mjs', '--check'], { cwd: root })
  })

  test.each(pages)('%s answers the three questions', (name) => {
    expect(readFileSync(`${root}/docs/guides/${name}`, 'utf8')).toMatch(
      /Which field is authoritative\? .*\n.*Who may assert it\? .*\n.*Who consumes it\? /,
    )
  })

  test('are found from the README in two clicks', () => {
    expect(readFileSync(`${root}/README.md`, 'utf8')).toContain('](docs/guides/README.md)')
    const index = readFileSync(`${root}/docs/guides/README.md`, 'utf8')
    for (const name of pages) expect(index).toContain(`](${name})`)
  })
})
