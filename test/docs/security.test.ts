import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { section, tableIn } from './markdown.js'

const top = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${top}docs/security.md`, 'utf8')

/** A file of tests and a title in it, as the page writes them: `file`: `title`. */
const named = [...page.matchAll(/`((?:packages|test)\/[^`]+\.ts)`: `([^`]+)`/g)].map(
  ([, file = '', title = '']) => [file, title] as const,
)

/** The title as a text in the code, whole, or up to what a template fills in. */
function isTitleIn(text: string, title: string): boolean {
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(['"\`])${escaped}(\\1|\\$\\{)|^ {2}${escaped}: `, 'm').test(text)
}

const ATTACKERS = [
  'The client',
  'The client behind a CDN',
  'The neighbour in the CDN',
  'The compromised hop',
  'The network scanner',
  'The malicious list source',
  'The onlooker at the inspector',
  "The operator's mistake",
]

describe('docs/security.md', () => {
  test.each(named)('%s: %s', (file, title) => {
    expect(existsSync(`${top}${file}`)).toBe(true)
    expect(isTitleIn(readFileSync(`${top}${file}`, 'utf8'), title)).toBe(true)
  })

  test.each(ATTACKERS)('names a test for every attack of %s', (heading) => {
    const rows = tableIn(section(page, `## ${heading}`))
    expect(rows.length).toBeGreaterThan(2)
    for (const row of rows) expect(row['test']).toMatch(/^`.+\.ts`: `.+`$/)
  })

  test('would notice a title that is gone', () => {
    expect(isTitleIn("test('a title', () => {", 'a title')).toBe(true)
    expect(isTitleIn("test('a title of another', () => {", 'a title')).toBe(false)
    expect(isTitleIn(['name: `PROXY v$', '{version}`'].join(''), 'PROXY v')).toBe(true)
    expect(isTitleIn('// a title', 'a title')).toBe(false)
  })
})
