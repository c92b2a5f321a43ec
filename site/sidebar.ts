/** What stands beside the pages, by what a reader wants. */
import { readdirSync, readFileSync } from 'node:fs'
import type { DefaultTheme } from 'vitepress'
import { addressOf, root } from './pages.ts'

const SERVICE = [
  ...['nestjs', 'sub-apps', 'sessions', 'sockets', 'graphql', 'grpc', 'serverless'],
  ...['forwarding', 'testing-your-service', 'typescript', 'commonjs', 'loading'],
]

const OPERATION = [
  ...['running', 'docker-image', 'pm2', 'metrics'],
  ...['cli', 'pair', 'upgrading', 'support'],
]

type Item = DefaultTheme.SidebarItem

/** A page under the name that its first heading gives it, or a shorter one. */
function page(source: string, text = headingOf(source)): Item {
  return { text, link: `/${addressOf(source).replace(/(^|\/)index\.md$|\.md$/, '$1')}` }
}

function headingOf(source: string): string {
  const heading = /^# (.+)$/m.exec(readFileSync(`${root}${source}`, 'utf8'))?.[1]
  if (heading === undefined) throw new Error(`${source} has no heading`)
  return heading.replaceAll(/[`\\]/g, '')
}

const docs = (...names: readonly string[]): Item[] => names.map((name) => page(`docs/${name}.md`))

/** All pages of a folder, its own first. */
function folder(path: string, first: string): Item[] {
  const names = readdirSync(`${root}${path}`).filter(
    (name) => name.endsWith('.md') && name !== first,
  )
  return [first, ...names.sort()].map((name) => page(`${path}/${name}`))
}

const group = (text: string, items: Item[]): Item => ({ text, items })

/** Closed, with a page that its name leads to: else its name would be a button within a button. */
const closed = (text: string, link: string, items: Item[]): Item => ({
  ...{ text, link, items },
  collapsed: true,
})

export function sidebar(): DefaultTheme.Sidebar {
  return [
    group('Start', [
      page('README.md', 'Quick start'),
      ...docs('policy', 'suggest'),
      page('docs/playground/README.md'),
      ...docs('migration', 'coming-from', 'comparison', 'troubleshooting'),
    ]),
    closed('Three ways in', '/ways/', folder('docs/ways', 'README.md')),
    closed('What stands in front', '/platforms/', folder('docs/platforms', 'README.md')),
    closed('Topologies', '/topologies/', folder('docs/topologies', 'README.md')),
    closed('Guides', '/guides/', folder('docs/guides', 'README.md')),
    group('Your service', docs(...SERVICE)),
    group('Consumers', docs('logging', 'allowlist', 'rate-limit', 'inspector')),
    group('Operation', docs(...OPERATION)),
    group('Reference', [
      ...docs('errors', 'proxy-protocol', 'deviations'),
      closed('API', '/reference/', folder('site/reference', 'index.md')),
      closed('Packages', '/#packages', packages()),
    ]),
    closed('Background', '/architecture', background()),
  ]
}

function background(): Item[] {
  return [
    ...docs('architecture', 'security', 'interop', 'benchmarks', 'testing'),
    ...docs('dependencies', 'licences'),
    page('CHANGELOG.md'),
    page('CONTRIBUTING.md'),
    page('SECURITY.md', 'Reporting a vulnerability'),
  ]
}

function packages(): Item[] {
  return readdirSync(`${root}packages`)
    .filter((name) => addressOf(`packages/${name}/README.md`) !== `packages/${name}/README.md`)
    .filter((name) => !['options', 'redis'].includes(name))
    .map((name) => page(`packages/${name}/README.md`, `@truehop/${name}`))
}
