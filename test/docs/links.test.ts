import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const top = fileURLToPath(new URL('../..', import.meta.url))
const pages = [...pagesIn('.', false), ...pagesIn('docs', true), ...packagePages()]

function pagesIn(folder: string, recursive: boolean): string[] {
  return readdirSync(join(top, folder), { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

function packagePages(): string[] {
  return readdirSync(join(top, 'packages'))
    .map((name) => join('packages', name, 'README.md'))
    .filter((page) => existsSync(join(top, page)))
}

/** The targets of a page's links and images within the repository, code left out. */
function targetsIn(page: string): string[] {
  const text = readFileSync(join(top, page), 'utf8').replace(/^```.*?^```/gms, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
  return links
    .map(([, link, image]) => link ?? image ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of a page, as GitHub makes them from headings. */
function anchorsOf(path: string): Set<string> {
  const text = readFileSync(path, 'utf8').replace(/^```.*?^```/gms, '')
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function isDead(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? join(top, page) : join(top, dirname(page), path)
  if (!existsSync(file)) return true
  return anchor !== undefined && !anchorsOf(file).has(anchor)
}

describe('links between pages', () => {
  test('are looked for', () => {
    expect(pages).toContain('README.md')
    expect(pages).toContain(join('docs', 'errors.md'))
    expect(targetsIn('README.md')).toContain('docs/images/chain.svg')
    expect(isDead('README.md', 'docs/none.md')).toBe(true)
    expect(isDead('README.md', 'docs/errors.md#none')).toBe(true)
  })

  test.each(pages)('%s has no dead one', (page) => {
    const dead = targetsIn(page).filter((target) => isDead(page, target))
    expect(dead.map((target) => `${relative('.', page)}: ${target}`)).toEqual([])
  })
})
