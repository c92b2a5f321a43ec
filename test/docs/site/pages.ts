import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WORDS } from '../../../site/words.js'
import { pages, root } from '../code-blocks.js'
import { addresses, fileAt, folder, htmlFiles, readHtml } from './built-site.js'

const REPOSITORY = 'https://github.com/truehop/truehop/'

/** What the pages link to and show: from where, and the target as it is written. */
const links = htmlFiles.flatMap((file) =>
  [...readHtml(file).matchAll(/<(?:a|img|link|script)\b[^>]*?\b(?:href|src)="([^"]*)"/g)].map(
    ([, target = '']) => ({ file, target: target.replaceAll('&amp;', '&') }),
  ),
)

const identifiers = new Map(
  htmlFiles.map((file) => [
    file,
    new Set([...readHtml(file).matchAll(/\bid="([^"]+)"/g)].map(([, id = '']) => id)),
  ]),
)

function isDead({ file, target }: { file: string; target: string }): boolean {
  const [path = '', anchor] = target.split('#')
  const address = path === '' ? `/${file}` : posix.join('/', posix.dirname(file), path)
  const found = fileAt(path.startsWith('/') ? path : address)
  if (found === undefined) return true
  return Boolean(anchor) && !identifiers.get(found)?.has(decodeURIComponent(anchor ?? ''))
}

describe('the site', () => {
  test('has a page for every page of the documentation, and for every entry point', () => {
    const sources = pages.filter((page) => !/CHANGELOG|packages\/(options|redis)/.test(page))
    expect(addresses.length).toBeGreaterThan(sources.length)
    expect(addresses).toEqual(
      expect.arrayContaining([
        '/',
        '/errors',
        '/platforms/',
        '/platforms/cloudflare',
        '/packages/fastify',
        '/reference/fastify',
        '/reference/rate-limit.express',
      ]),
    )
  })

  test('has no dead link, anchors among them', () => {
    const within = links.filter(({ target }) => !/^([a-z]+:|\/\/)/.test(target))
    expect(within.length).toBeGreaterThan(1000)
    const dead = within.filter(isDead).map(({ file, target }) => `${file}: ${target}`)
    expect([...new Set(dead)]).toEqual([])
  })

  test('finds dead links', () => {
    expect(isDead({ file: 'errors.html', target: '/none' })).toBe(true)
    expect(isDead({ file: 'errors.html', target: '/#none' })).toBe(true)
    expect(isDead({ file: 'errors.html', target: '/' })).toBe(false)
  })

  test('has every page and part that the search knows more words for', () => {
    const missing = Object.keys(WORDS).filter((target) => isDead({ file: 'index.html', target }))
    expect(Object.keys(WORDS).length).toBeGreaterThan(20)
    expect(missing).toEqual([])
  })

  test('links to files of the repository that exist', () => {
    const kinds = /^(?:blob|tree|edit)\/main\/([^#]*)/
    const paths = links
      .filter(({ target }) => target.startsWith(REPOSITORY))
      .flatMap(({ target }) => kinds.exec(target.slice(REPOSITORY.length))?.[1] ?? [])
    expect(paths).toContain('docs/errors.md')
    const missing = [...new Set(paths)].filter((path) => !existsSync(join(root, decodeURI(path))))
    expect(missing).toEqual([])
  })

  test('says which version it is about', () => {
    const { version } = JSON.parse(
      readFileSync(join(root, 'packages/identity/package.json'), 'utf8'),
    )
    expect(readHtml('index.html')).toContain(version)
  })

  test('has the README as its front page', () => {
    expect(readHtml('index.html')).toContain('A Node service behind proxies sees the proxy')
    expect(readHtml('index.html')).toContain(`${REPOSITORY}edit/main/README.md`)
  })

  test('carries llms.txt and the playground as they are', () => {
    const same = ['llms.txt', 'llms.txt'] as const
    expect(readFileSync(join(folder, same[0]))).toEqual(readFileSync(join(root, same[1])))
    expect(existsSync(join(folder, 'playground/app/dist/playground.js'))).toBe(true)
  })
})
