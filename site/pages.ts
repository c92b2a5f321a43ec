/**
 * Which files of the repository are pages of the site, and under which addresses. The files stay
 * where GitHub shows them: README.md is the front page.
 */
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export const repository = 'https://github.com/truehop/truehop'

/** Markdown in the repository that is not written for the readers of the site. */
export const excluded: readonly string[] = [
  '.*/**',
  'examples/**',
  'oss-fuzz/**',
  'packages/*/CHANGELOG.md',
  'packages/{options,redis}/**',
  'packages/*/{page,src,test}/**',
  'test/**',
]

const TOP: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'reporting.md',
}

/** The address of a page, as a file below the top of the site: `docs/platforms/README.md` is `platforms/index.md`. */
export function addressOf(source: string): string {
  return (TOP[source] ?? source)
    .replace(/^docs\//, '')
    .replace(/^site\/reference\//, 'reference/')
    .replace(/^packages\/([\w-]+)\/README\.md$/, 'packages/$1.md')
    .replace(/(^|\/)README\.md$/, '$1index.md')
}

/** Whether the site has a page for this file. */
function isPage(path: string): boolean {
  if (!existsSync(`${root}${path}`)) return false
  if (path.startsWith('docs/') || path.startsWith('site/reference/')) return path.endsWith('.md')
  return path in TOP || /^packages\/(?!options|redis)[\w-]+\/README\.md$/.test(path)
}

/**
 * Where a link that stands in a file leads to on the site: to a page under its address, and to
 * GitHub for sources and whatever else the site does not show.
 */
export function resolveLink(source: string, href: string): string {
  if (/^([a-z][a-z\d+.-]*:|#|\/)/i.test(href)) return href
  const [target = '', anchor] = href.split('#')
  const path = posix.normalize(posix.join(posix.dirname(source), target)).replace(/\/$/, '')
  const hash = anchor === undefined ? '' : `#${anchor}`
  const page = [path, posix.join(path, 'README.md')].find(isPage)
  if (page !== undefined) return `/${addressOf(page).replace(/(^|\/)index\.md$/, '$1')}${hash}`
  if (path === 'docs/playground/index.html') return '/playground/app/index.html'
  if (path === 'llms.txt') return '/llms.txt'
  const kind = /\.\w+$/.test(path) ? 'blob' : 'tree'
  return `${repository}/${kind}/main/${path}${hash}`
}
